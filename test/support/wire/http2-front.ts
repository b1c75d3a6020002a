/** nghttpx as a process of its own: HTTP/2 over TLS in front of a registry that speaks plain HTTP/1.1. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RegistryHandle } from '../registry/registry-handle.ts';
import { serverTls } from '../tls/tls.ts';
import { freePort } from './free-port.ts';
import { Program } from './program.ts';
import { findProgram } from './programs.ts';

export interface Http2Front extends RegistryHandle {
  readonly caFile: string;
  /** The requests it answered, as in its log: `HTTP/2 GET /v2/`. */
  requests(): Promise<string[]>;
}

export interface Http2FrontOptions {
  /** Names that stand in its certificate too. */
  readonly names?: readonly string[];
  /** The authority, PEM, whose client certificates it asks for. */
  readonly clientAuthority?: string;
}

/** Starts nghttpx on a free port of 127.0.0.1, before the registry. */
export async function startHttp2Front(
  registry: RegistryHandle,
  { names = [], clientAuthority }: Http2FrontOptions = {},
): Promise<Http2Front> {
  const directory = await mkdtemp(join(tmpdir(), 'nghttpx-'));
  const tls = serverTls(names);
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(directory, name);
    await writeFile(path, text);
    return path;
  };
  const log = join(directory, 'access.log');
  const port = await freePort();
  const program = new Program('nghttpx', findProgram('nghttpx') ?? 'nghttpx', [
    ...['--conf=/dev/null', '--workers=1', '--no-ocsp', '--log-level=NOTICE'],
    ...[`--frontend=127.0.0.1,${port}`, `--backend=${registry.host.replace(':', ',')}`],
    ...[`--accesslog-file=${log}`, '--accesslog-format=$protocol_version $method $path'],
    ...(clientAuthority === undefined
      ? []
      : ['--verify-client', `--verify-client-cacert=${await write('clients.pem', clientAuthority)}`]),
    ...[await write('key.pem', tls.server.key), await write('cert.pem', tls.server.cert)],
  ]);
  await program.printed(/Listening on/);
  return {
    ...registry,
    host: `127.0.0.1:${port}`,
    url: `https://127.0.0.1:${port}`,
    ca: tls.ca,
    caFile: tls.caFile,
    requests: async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== ''),
    async close() {
      await program.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
