/** A reverse proxy on loopback, in front of a registry that cannot be told to fail. */
import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request through the gateway. */
export interface Passage {
  readonly method: string;
  readonly path: string;
}

export interface Gateway {
  /** `127.0.0.1:41234`. */
  readonly host: string;
  close(): Promise<void>;
}

/** What is done with requests. */
export interface GatewayRules {
  /** Called before a request goes on to the registry, which waits for it. */
  readonly before?: (passage: Passage) => Promise<unknown>;
  /** Called when the registry has answered; the answer waits for it. */
  readonly after?: (passage: Passage) => Promise<unknown>;
}

/** Starts a gateway to `host:port`. */
export async function startGateway(target: string, rules: GatewayRules): Promise<Gateway> {
  const server = createServer((message, response) => {
    pass(message, response, target, rules).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function pass(
  message: IncomingMessage,
  response: ServerResponse,
  target: string,
  { before, after }: GatewayRules,
): Promise<void> {
  const { method = '', url = '', headers } = message;
  await before?.({ method, path: url });
  const [host = '', port = ''] = target.split(':');
  const upstream = forward({ host, port: Number(port), method, path: url, headers });
  message.pipe(upstream);
  const [answer] = (await once(upstream, 'response')) as [IncomingMessage];
  await after?.({ method, path: url });
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.pipe(response);
}
