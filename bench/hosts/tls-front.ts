/** nghttpx: TLS and HTTP/2 in front of a registry and a token server that speak plain HTTP/1.1. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Authority } from '../../test/support/tls/certificate.ts';
import { freePort } from '../../test/support/wire/free-port.ts';
import { Program } from '../../test/support/wire/program.ts';

export interface TlsFrontOptions {
  /** An empty directory for its files. */
  readonly directory: string;
  readonly authority: Authority;
  /** The names in its certificate. */
  readonly names: readonly string[];
  /** `127.0.0.1:port`, for every path but `/token`. */
  readonly registry: string;
  /** `127.0.0.1:port`, for `/token` under every name. */
  readonly tokens: string | undefined;
}

export interface TlsFront {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** Requests since the last `begin`: `GET /v2/`. */
  requests(): Promise<readonly string[]>;
  begin(): Promise<void>;
  close(): Promise<void>;
}

/** nghttpx logs a request after its answer, so a client may end a moment before the last line is written. */
const logLag = 50;

/** Starts nghttpx on a free port of 127.0.0.1. */
export async function startTlsFront(options: TlsFrontOptions): Promise<TlsFront> {
  const log = join(options.directory, 'access.log');
  const port = await freePort();
  const program = new Program('nghttpx', 'nghttpx', [
    ...['--conf=/dev/null', '--workers=1', '--no-ocsp', '--log-level=NOTICE', `--frontend=127.0.0.1,${port}`],
    // The value that ghcr.io announces.
    '--frontend-http2-max-concurrent-streams=100',
    // The default of Go's server, and so of CNCF distribution with its own TLS; nghttpx's 64 KiB hold two lists of 64 images.
    '--frontend-http2-connection-window-size=1048576',
    `--backend=${backend(options.registry)}`,
    ...(options.tokens === undefined ? [] : [`--backend=${backend(options.tokens)};/token`]),
    ...[`--accesslog-file=${log}`, '--accesslog-format=$method $path'],
    ...(await writeCertificate(options)),
  ]);
  await program.printed(/Listening on/);
  let passed = 0;
  const lines = async (): Promise<string[]> => {
    await setTimeout(logLag);
    return (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '');
  };
  return {
    host: `127.0.0.1:${port}`,
    requests: async () => (await lines()).slice(passed),
    async begin() {
      passed = (await lines()).length;
    },
    close: () => program.stop(),
  };
}

function backend(host: string): string {
  return host.replace(':', ',');
}

async function writeCertificate({ directory, authority, names }: TlsFrontOptions): Promise<string[]> {
  const { pem, keyPem } = authority.issue(names);
  const files = [join(directory, 'front-key.pem'), join(directory, 'front.pem')] as const;
  await writeFile(files[0], keyPem);
  await writeFile(files[1], pem);
  return [...files];
}
