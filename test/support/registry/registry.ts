/** An OCI registry in the test's own process, stricter than CNCF distribution, that can be made to fail at will. */

import type { ManifestDocument } from '../images/manifest-document.ts';
import type { Account, TokenIssuer } from '../tokens/token-issuer.ts';
import { type Injection, WireServer } from '../wire/wire-server.ts';
import type { WireEntry } from '../wire/wire-transcript.ts';
import type { AccountCredentials, RegistryHandle } from './registry-handle.ts';
import type { RegistryOptions } from './registry-options.ts';
import { RegistryService } from './registry-service.ts';
import { blobOf, digestText, type StoredBlob, type StoredManifest } from './registry-store.ts';

export class TestRegistry implements RegistryHandle {
  readonly credentials?: AccountCredentials;
  readonly ca?: string;
  readonly caFile?: string;
  readonly #service: RegistryService;
  readonly #server: WireServer;
  readonly #options: RegistryOptions;

  constructor(service: RegistryService, server: WireServer, options: RegistryOptions) {
    this.#service = service;
    this.#server = server;
    this.#options = options;
    const account: Account | undefined = service.gate.accounts[0];
    if (account !== undefined) this.credentials = { username: account.username, password: account.password };
    if (options.tls === undefined) return;
    this.ca = options.tls.ca;
    this.caFile = options.tls.caFile;
  }

  get host(): string {
    return this.#server.host;
  }

  get url(): string {
    return this.#server.url;
  }

  /** Every request so far, except the test's own. */
  get wire(): readonly WireEntry[] {
    return this.#server.wire;
  }

  /** Connections that carried a recorded request. */
  get connections(): number {
    return this.#server.connections;
  }

  /** The most requests that were being answered at once. */
  get maxConcurrent(): number {
    return this.#server.maxConcurrent;
  }

  /** Upload sessions that were opened and neither finished nor cancelled. */
  get openUploads(): number {
    return this.#service.uploads.open;
  }

  /** The issuer of bearer tokens, to look at its records or to revoke them. */
  get tokens(): TokenIssuer | undefined {
    return this.#service.gate.tokens;
  }

  /** Repositories that were ever touched. */
  get repositories(): string[] {
    return this.#service.store.names;
  }

  /** Puts a fault on requests to come. */
  inject(injection: Injection): void {
    this.#server.inject(injection);
  }

  clearFaults(): void {
    this.#server.clearFaults();
  }

  clearWire(): void {
    this.#server.clearWire();
  }

  /** Closes every connection and refuses new ones for so many milliseconds. */
  restart(milliseconds: number): Promise<void> {
    return this.#server.restart(milliseconds);
  }

  /** Tag → digest in a repository, now. */
  tags(repository: string): Readonly<Record<string, string>> {
    const { tags } = this.#service.store.repository(repository);
    return Object.fromEntries([...tags].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** The manifest a tag or digest stands for, read behind the wire. */
  manifest(repository: string, reference: string): StoredManifest | undefined {
    return this.#service.store.repository(repository).find(reference);
  }

  hasBlob(repository: string, digest: string): boolean {
    return this.#service.store.repository(repository).blobs.has(digest);
  }

  /** Puts a blob there behind the wire; a digest with a StoredBlob need not match what is read. */
  addBlob(repository: string, content: Uint8Array | (StoredBlob & { readonly digest: string })): string {
    const digest = content instanceof Uint8Array ? digestText(content) : content.digest;
    const blob = content instanceof Uint8Array ? blobOf(content) : content;
    this.#service.store.repository(repository).blobs.set(digest, blob);
    return digest;
  }

  /** Puts any bytes under a tag or digest behind the wire, however wrong they are; returns their real digest. */
  plant(repository: string, reference: string, planted: PlantedManifest): string {
    const bytes = Buffer.from(planted.bytes);
    const digest = digestText(bytes);
    const held = reference.includes(':') ? reference : digest;
    const store = this.#service.store.repository(repository);
    store.manifests.set(held, {
      bytes,
      mediaType: planted.mediaType,
      digest: held,
      document: planted.document ?? { schemaVersion: 2 },
    });
    if (held !== reference) store.setTag(reference, held);
    return digest;
  }

  /** Removes a tag or a manifest behind the wire. */
  remove(repository: string, reference: string): void {
    const store = this.#service.store.repository(repository);
    if (reference.includes(':')) store.removeManifest(reference);
    else store.removeTag(reference);
  }

  /** Another server, on another origin, with the same content and no questions asked. */
  async mirror(options: RegistryOptions = {}): Promise<TestRegistry> {
    return startRegistry({ ...this.#options, auth: 'none', ...options, store: this.#service.store });
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** For `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

export interface PlantedManifest {
  readonly bytes: Uint8Array | string;
  readonly mediaType: string;
  /** The parsed bytes, for the lists of referrers. */
  readonly document?: ManifestDocument;
}

/** Starts a registry on a free port of 127.0.0.1. */
export async function startRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const service = new RegistryService(options);
  return new TestRegistry(service, await WireServer.start(service, options), options);
}
