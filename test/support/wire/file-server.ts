/** A web server with a few files, such as a release's downloads. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FileServer {
  /** `http://127.0.0.1:41234`, without a slash at the end. */
  readonly url: string;
  /** Paths with queries as they were asked for, oldest first. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Serves these files by path, and 404 for every other one, on a free port of 127.0.0.1. */
export async function startFileServer(files: Readonly<Record<string, string>>): Promise<FileServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const asked = request.url ?? '/';
    requests.push(asked);
    const content = files[asked.split('?', 1)[0] ?? ''];
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
