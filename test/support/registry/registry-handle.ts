/** The parts of a registry that a scenario uses, whichever program serves it. */

export interface AccountCredentials {
  readonly username: string;
  readonly password: string;
}

export interface RegistryHandle {
  /** `127.0.0.1:41234`: the host as references spell it. */
  readonly host: string;
  /** `http://127.0.0.1:41234`, without a slash at the end. */
  readonly url: string;
  /** An account that may do everything, when the registry asks for one. */
  readonly credentials?: AccountCredentials;
  /** The Authorization header of the test's own requests, valid for every repository. */
  readonly authorization?: string;
  /** The authority that signed the registry's certificate, PEM, when it speaks TLS. */
  readonly ca?: string;
  /** A file that holds `ca`, for NODE_EXTRA_CA_CERTS. */
  readonly caFile?: string;
  /** The folder of a scenario's own repositories, when others use the registry too: `z12/`. */
  readonly folder?: string;
  close(): Promise<void>;
}

/** Which part of a handle the test's own requests use. */
export type RegistryAddress = Pick<RegistryHandle, 'url' | 'authorization' | 'ca'>;
