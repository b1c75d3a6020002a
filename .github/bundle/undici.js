// What undici's index exports, as far as the bundle needs it. The index loads everything undici can do (WebSocket,
// caches, mocks, a cookie jar) at every start; this is a third of it. A name missing here fails the build.
import api from 'undici/lib/api/index.js';
import buildConnector from 'undici/lib/core/connect.js';
import errors from 'undici/lib/core/errors.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';

Object.assign(Dispatcher.prototype, api);

// biome-ignore lint/performance/noBarrelFile: stands in for a package's index.
export { fetch } from './undici-fetch.js';
export { Agent, buildConnector, Dispatcher, errors, Pool, ProxyAgent };
