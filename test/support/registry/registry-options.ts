/** How a test registry behaves: what registries differ in, as switches. */

import type { Account, TokenIssuer, TokenOptions } from '../tokens/token-issuer.ts';
import type { Access } from '../tokens/token-server.ts';
import type { WireServerOptions } from '../wire/wire-server.ts';
import type { RegistryStore } from './registry-store.ts';

export interface Challenge {
  readonly realm: string;
  readonly service: string;
  /** Space separated; absent for /v2/. */
  readonly scope?: string | undefined;
  readonly error?: string | undefined;
}

export interface AccessOptions {
  /** Default: one account that may do everything. */
  readonly accounts?: readonly Account[];
  /** The access without credentials; default nothing. */
  readonly anonymous?: Access;
  /** The answer to authority that is valid and does not suffice; default 401 for bearer, 403 for basic. */
  readonly denied?: 401 | 403 | 404;
  /** The WWW-Authenticate values of a 401, in place of the usual one. */
  readonly challenge?: (usual: Challenge) => readonly string[];
}

export interface BasicAuth extends AccessOptions {
  readonly kind: 'basic';
}

export interface BearerAuth extends AccessOptions, TokenOptions {
  readonly kind: 'bearer';
  /** A token endpoint on another origin; by default the registry has its own at /token. */
  readonly issuer?: { readonly url: string; readonly tokens: TokenIssuer };
}

export type AuthOptions = 'none' | 'basic' | 'bearer' | BasicAuth | BearerAuth;

export interface RegistryOptions extends WireServerOptions {
  /** Default none. */
  readonly auth?: AuthOptions;
  /** Hashes uploaded blobs and forgets their bytes. */
  readonly discardBlobs?: boolean;
  /** The referrers API, default true; without it 404, and no OCI-Subject. */
  readonly referrers?: boolean;
  /** `required`: a manifest is taken only after its subject, as by gitlab.com. */
  readonly subjects?: 'required';
  /** Entries on a page of referrers or tags; default all. */
  readonly pageSize?: number;
  /** The answer to DELETE of a tag, default 202; `digest`: 202, and its manifest goes too, with every tag on it. */
  readonly tagDelete?: 202 | 400 | 405 | 'digest';
  /** Cross-repository mount; `false` opens an upload instead. Default true. */
  readonly mount?: boolean;
  /** Upload Locations; default absolute. */
  readonly locations?: 'absolute' | 'relative';
  /** Methods whose answers lack Docker-Content-Digest. */
  readonly noDigestHeader?: readonly ('HEAD' | 'GET' | 'PUT')[];
  /** Tags that exist and match are not written again, not even with the same digest. */
  readonly immutableTags?: RegExp;
  /** The largest upload body taken in one request, bytes. */
  readonly maxUploadBody?: number;
  /** Two writes of one manifest at the same time: the second is refused with 409. */
  readonly refuseParallelWrites?: boolean;
  /** Content shared with another server. */
  readonly store?: RegistryStore;
}
