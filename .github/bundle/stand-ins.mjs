// What packages bring along and no run calls: the most of what a start would read and compile. In the bundle a stand-in
// takes its place, which throws if it is called after all. tsconfig.json beside this file leads to the copies.
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** Copied whole, so that stand-ins can take places in the copies. */
const copied = ['@actions/core', '@actions/tool-cache', 'undici'];

/** Modules, and the names that others import from them: tokens of OIDC, summaries, programs and downloads of the toolkit. */
const missingExports = {
  'node_modules/@actions/core/lib/oidc-utils.js': ['OidcClient'],
  'node_modules/@actions/core/lib/platform.js': ['platform', 'getDetails'],
  'node_modules/@actions/core/lib/summary.js': ['summary', 'markdownSummary'],
  'stand-ins/exec.js': ['exec', 'getExecOutput'],
  'stand-ins/http-client.js': ['HttpCodes', 'Headers', 'MediaTypes'],
};

/** GitHub's client asks this for agents when it is loaded, and is then handed a fetch that needs none. */
const httpClient = `export class HttpClient {
  getAgent() {}
  getAgentDispatcher() {}
}
`;

/** Modules that undici loads for the bodies of forms only, and one of its two parsers: the other runs on every processor. */
const missingModules = [
  'web/fetch/body.js',
  'web/fetch/formdata.js',
  'web/webidl/index.js',
  'llhttp/llhttp_simd-wasm.js',
];

/** Modules that undici loads at each start and calls for some connections only. */
const lazyModules = ['dispatcher/client-h2.js'];

/** Modules in other words: without a parser that is an experiment, and without two modules of Node that cost 7 ms. */
const rewritten = {
  'dispatcher/parser-h1.js': 'module.exports = { getMiloEnabled: () => false };\n',
  'stand-ins/node-assert.js': `module.exports = (value, message = 'an assertion of undici failed') => {
  if (!value) throw message instanceof Error ? message : new Error(message);
};
`,
  // undici asks for the class of a body, which no run gives it, and for the limit of headers.
  'stand-ins/node-http.js': 'module.exports = { IncomingMessage: class {}, maxHeaderSize: 16 * 1024 };\n',
};

/** Writes the packages as they are to be bundled to `directory`. */
export function writePackages(root, directory) {
  rmSync(directory, { recursive: true, force: true });
  for (const name of copied)
    cpSync(join(root, 'node_modules', name), join(directory, 'node_modules', name), { recursive: true });
  for (const [path, names] of Object.entries(missingExports))
    write(join(directory, path), exportsThatThrow(path, names));
  appendFileSync(join(directory, 'stand-ins', 'http-client.js'), httpClient);
  thinOut(join(directory, 'node_modules', 'undici', 'lib'));
}

function thinOut(undici) {
  for (const path of missingModules)
    write(join(undici, path), `throw new Error('${path} is not bundled');\n`);
  for (const path of lazyModules) {
    const whole = path.replace(/\.js$/, '-whole.js');
    cpSync(join(undici, path), join(undici, whole));
    write(
      join(undici, path),
      `module.exports = (...values) => require('./${basename(whole)}')(...values);\n`,
    );
  }
  for (const [path, text] of Object.entries(rewritten)) write(join(undici, path), text);
  for (const path of readdirSync(undici, { recursive: true }).filter((each) => each.endsWith('.js')))
    withoutNodeModules(undici, path);
}

function withoutNodeModules(undici, path) {
  const text = readFileSync(join(undici, path), 'utf8');
  const standIn = (name) => `./${relative(dirname(path), `stand-ins/node-${name}.js`).replaceAll('\\', '/')}`;
  const thin = text.replace(/require\('node:(assert|http)'\)/g, (_, name) => `require('${standIn(name)}')`);
  if (thin !== text) write(join(undici, path), thin);
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function exportsThatThrow(path, names) {
  return `function missing() {
  throw new Error('${basename(path)} is not bundled');
}
const standIn = new Proxy(missing, { get: missing });
export { ${names.map((name) => `standIn as ${name}`).join(', ')} };
`;
}
