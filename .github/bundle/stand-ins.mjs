// Package code that no run calls is most of the code that a start would read and compile. In the bundle, stubs
// (stand-ins) replace it, which throw if they are called. tsconfig.json in this folder maps imports to the copies.
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** These packages are copied, so that stand-ins can replace modules in the copies. */
const copied = ['@actions/core', '@actions/tool-cache', 'undici'];

/** Modules that are replaced, and the names that others import from them. */
const missingExports = {
  'node_modules/@actions/core/lib/oidc-utils.js': ['OidcClient'],
  'node_modules/@actions/core/lib/platform.js': ['platform', 'getDetails'],
  'node_modules/@actions/core/lib/summary.js': ['summary', 'markdownSummary'],
  'stand-ins/exec.js': ['exec', 'getExecOutput'],
  'stand-ins/http-client.js': ['HttpCodes', 'Headers', 'MediaTypes'],
};

/** GitHub's client gets agents from this module when it is loaded, but uses a fetch that needs none. */
const httpClient = `export class HttpClient {
  getAgent() {}
  getAgentDispatcher() {}
}
`;

/** Modules that undici loads only for form bodies, and one of its two parsers: the other runs on every processor. */
const missingModules = [
  'web/fetch/body.js',
  'web/fetch/formdata.js',
  'web/webidl/index.js',
  'llhttp/llhttp_simd-wasm.js',
];

/** Modules that undici loads at each start but calls only for some connections. */
const lazyModules = ['dispatcher/client-h2.js'];

/** Modules with changed text: without an experimental parser, and without two Node modules that cost 7 ms. */
const rewritten = {
  'dispatcher/parser-h1.js': 'module.exports = { getMiloEnabled: () => false };\n',
  'stand-ins/node-assert.js': `module.exports = (value, message = 'an assertion of undici failed') => {
  if (!value) throw message instanceof Error ? message : new Error(message);
};
`,
  // undici needs the class of a body type that no run uses, and the limit of headers.
  'stand-ins/node-http.js': 'module.exports = { IncomingMessage: class {}, maxHeaderSize: 16 * 1024 };\n',
};

/** Writes the packages to `directory` in the form to bundle. */
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
