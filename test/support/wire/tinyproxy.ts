/** tinyproxy as a process of its own: the forward proxy that Debian packages. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccountCredentials } from '../registry/registry-handle.ts';
import { freePort } from './free-port.ts';
import { Program } from './program.ts';
import { findProgram } from './programs.ts';

export interface TinyproxyOptions {
  /** Asked for with 407. */
  readonly credentials?: AccountCredentials;
  /** URL of another proxy that everything goes through. */
  readonly upstream?: string;
}

export interface Tinyproxy {
  /** For HTTPS_PROXY, with the credentials in it. */
  readonly url: string;
  /** The requests it took, as in its log: `CONNECT 127.0.0.1:5000`, `GET http://…/v2/`. */
  requests(): string[];
  close(): Promise<void>;
}

/** Starts tinyproxy on a free port of 127.0.0.1; it leads to every port. */
export async function startTinyproxy(options: TinyproxyOptions = {}): Promise<Tinyproxy> {
  const directory = await mkdtemp(join(tmpdir(), 'tinyproxy-'));
  const port = await freePort();
  const configuration = join(directory, 'tinyproxy.conf');
  await writeFile(configuration, configurationOf(port, options));
  const program = new Program('tinyproxy', findProgram('tinyproxy') ?? 'tinyproxy', [
    '-d',
    '-c',
    configuration,
  ]);
  await program.printed(/Accepting connections/);
  const { username, password } = options.credentials ?? {};
  return {
    url: `http://${username === undefined ? '' : `${username}:${password}@`}127.0.0.1:${port}`,
    requests: () => [...program.log.matchAll(/Request .*?: ([A-Z]+ \S+) HTTP/g)].map(([, line = '']) => line),
    async close() {
      await program.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function configurationOf(port: number, { credentials, upstream }: TinyproxyOptions): string {
  const lines = [`Port ${port}`, 'Listen 127.0.0.1', 'Timeout 60', 'LogLevel Info', 'MaxClients 100'];
  if (credentials !== undefined) lines.push(`BasicAuth ${credentials.username} ${credentials.password}`);
  if (upstream !== undefined) lines.push(`Upstream http ${new URL(upstream).host}`);
  return `${lines.join('\n')}\n`;
}
