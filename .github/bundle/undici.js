// What undici's index exports, as far as the bundle needs it. The index loads everything undici can do (WebSocket,
// caches, mocks, a cookie jar) at every start; this is a third of it. A name missing here fails the build.
import connect from 'undici/lib/api/api-connect.js';
import request from 'undici/lib/api/api-request.js';
import buildConnector from 'undici/lib/core/connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import Pool from 'undici/lib/dispatcher/pool.js';

Object.assign(Dispatcher.prototype, { connect, request });

export { Agent, buildConnector, Dispatcher, Pool };
