// Package code that no run calls is most of the code that a start would read and compile. In the bundle, stubs
// (stand-ins) replace it, which throw if they are called. tsconfig.json in this folder maps imports to the copies. A path
// or a text that a new version of a package no longer has fails the build.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';

/** These packages are copied, so that stand-ins can replace modules in the copies. */
const copied = ['@actions/core', '@actions/tool-cache', 'undici'];

/** Modules that are replaced, each with its original and the names that others import from it. */
const missingExports = {
  'node_modules/@actions/core/lib/oidc-utils.js': ['@actions/core/lib/oidc-utils.js', 'OidcClient'],
  'node_modules/@actions/core/lib/platform.js': ['@actions/core/lib/platform.js', 'platform', 'getDetails'],
  'node_modules/@actions/core/lib/summary.js': ['@actions/core/lib/summary.js', 'summary', 'markdownSummary'],
  'stand-ins/exec.js': ['@actions/exec/lib/exec.js', 'exec', 'getExecOutput'],
  'stand-ins/http-client.js': ['@actions/http-client/lib/index.js', 'HttpCodes', 'Headers', 'MediaTypes'],
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

/** A module that is replaced: without an experimental parser. */
const rewritten = { 'dispatcher/parser-h1.js': 'module.exports = { getMiloEnabled: () => false };\n' };

/** In place of two of Node's modules, which cost 7 ms. */
const nodeModules = {
  assert: `module.exports = (value, message = 'an assertion of undici failed') => {
  if (!value) throw message instanceof Error ? message : new Error(message);
};
`,
  // undici needs the class of a body type that no run uses, and the limit of headers.
  http: 'module.exports = { IncomingMessage: class {}, maxHeaderSize: 16 * 1024 };\n',
};

/** Packages of which only the copies, or stand-ins, may be in the bundle. */
const replaced = [...copied, '@actions/exec', '@actions/http-client'];

/** Writes the packages to `directory` in the form to bundle. Throws if they are not as this file describes them. */
export function writePackages(root, directory) {
  rmSync(directory, { recursive: true, force: true });
  for (const name of copied)
    cpSync(join(root, 'node_modules', name), join(directory, 'node_modules', name), { recursive: true });
  for (const [path, [original, ...names]] of Object.entries(missingExports)) {
    const text = readFileSync(join(root, 'node_modules', original), 'utf8');
    for (const name of names) expect(text, new RegExp(`^export .*\\b${name}\\b`, 'm'), original);
    const added = path.endsWith('http-client.js') ? httpClient : '';
    write(join(directory, path), exportsThatThrow(path, names) + added);
  }
  thinOut(join(directory, 'node_modules', 'undici', 'lib'));
}

function thinOut(undici) {
  for (const path of missingModules)
    replace(join(undici, path), `throw new Error('${path} is not bundled');\n`);
  for (const path of lazyModules) {
    const whole = path.replace(/\.js$/, '-whole.js');
    cpSync(join(undici, path), join(undici, whole));
    expect(readFileSync(join(undici, path), 'utf8'), /^module\.exports = \w+$/m, path);
    replace(
      join(undici, path),
      `module.exports = (...values) => require('./${basename(whole)}')(...values);\n`,
    );
  }
  for (const [path, text] of Object.entries(rewritten)) replace(join(undici, path), text);
  for (const [name, text] of Object.entries(nodeModules)) withoutNodeModule(undici, name, text);
}

function withoutNodeModule(undici, name, standIn) {
  const files = readdirSync(undici, { recursive: true, encoding: 'utf8' }).map((path) =>
    path.replaceAll('\\', '/'),
  );
  const wanted = `require('node:${name}')`;
  let count = 0;
  for (const path of files.filter((each) => each.endsWith('.js'))) {
    const text = readFileSync(join(undici, path), 'utf8');
    const way = posix.relative(posix.dirname(path), `stand-ins/node-${name}.js`);
    const thin = text.replaceAll(wanted, `require('./${way}')`);
    if (new RegExp(`['"](?:node:)?${name}(?:/\\w+)?['"]\\)`).test(thin))
      throw new Error(`undici's ${path} loads ${name} in another way than ${wanted}`);
    if (thin === text) continue;
    count += 1;
    write(join(undici, path), thin);
  }
  if (count === 0) throw new Error(`no module of undici has ${wanted}`);
  write(join(undici, 'stand-ins', `node-${name}.js`), standIn);
}

/** Throws if a stand-in is not in the bundle, or an original is. `modules`: the names of the bundle's modules. */
export function checkBundled(modules) {
  const undici = (path) => `node_modules/undici/lib/${path}`;
  const wanted = [
    ...Object.keys(missingExports),
    ...[...missingModules, ...lazyModules, ...Object.keys(rewritten)].map(undici),
    ...Object.keys(nodeModules).map((name) => undici(`stand-ins/node-${name}.js`)),
  ].map((path) => `./.cache/packages/${path}`);
  const lacking = wanted.filter((path) => !modules.includes(path));
  const originals = modules.filter((module) =>
    replaced.some((name) => module.startsWith(`./node_modules/${name}/`)),
  );
  if (lacking.length > 0) throw new Error(`not in the bundle: ${lacking.join(', ')}`);
  if (originals.length > 0) throw new Error(`in the bundle in place of a copy: ${originals.join(', ')}`);
}

function expect(text, pattern, path) {
  if (!pattern.test(text)) throw new Error(`${path} has nothing that matches ${pattern}`);
}

function replace(path, text) {
  if (!existsSync(path)) throw new Error(`${path} is to be replaced, and is not there`);
  write(path, text);
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
