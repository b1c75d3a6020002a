// What undici's index exports, as far as the bundle needs it. The index loads everything undici can do (WebSocket,
// caches, mocks, a cookie jar) at every start; this is a third of it. A name missing here fails the build.
import api from 'undici/lib/api/index.js';
import errors from 'undici/lib/core/errors.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';

Object.assign(Dispatcher.prototype, api);

export { Agent, Dispatcher, EnvHttpProxyAgent, errors, ProxyAgent };

/** Only the package API's client asks for it, so it comes when it is called. */
export async function fetch(input, init) {
  const { default: full } = await import('undici/index-fetch.js');
  return full.fetch(input, init);
}
