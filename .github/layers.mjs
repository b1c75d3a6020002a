// The layers of src, from the entries down: each room imports only what stands below it (rule A), and of its own
// folder only the folder's own files, never a room beside it (rule B). The linter's rules are written from this table
// by `npm run layers`, and test/unit/repository/layers.test.ts checks every import against it.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * `room`: a folder, whose own files are meant. `uses`: packages and Node's modules that nothing but this room imports.
 * `beside`: rooms of the same folder that it may import all the same.
 */
export const layers = [
  { room: 'src' },
  { room: 'src/actions', uses: ['@actions/tool-cache'] },
  { room: 'src/actions/summary' },
  { room: 'src/actions/input', uses: ['yaml'] },
  { room: 'src/runner', uses: ['@actions/core', '@actions/github'] },
  { room: 'src/publish' },
  { room: 'src/inspection' },
  { room: 'src/pipeline/tags' },
  { room: 'src/pipeline/copy' },
  { room: 'src/pipeline/untag' },
  { room: 'src/pipeline/amend' },
  { room: 'src/pipeline/guards' },
  { room: 'src/pipeline' },
  { room: 'src/spec-input' },
  { room: 'src/sources/resolve', beside: ['src/sources/input', 'src/sources/layout'] },
  { room: 'src/sources/input' },
  { room: 'src/sources/layout' },
  { room: 'src/sources' },
  { room: 'src/registry/untag', beside: ['src/registry/blobs'] },
  { room: 'src/registry/blobs' },
  { room: 'src/registry' },
  { room: 'src/auth' },
  { room: 'src/credentials' },
  { room: 'src/http', uses: ['undici'] },
  { room: 'src/run' },
  { room: 'src/policy', pure: true },
  { room: 'src/oci', pure: true },
];

/** Node's modules that a pure room may import: they compute. */
export const pureModules = ['node:crypto', 'node:buffer', 'node:util'];

/** What a pure room may not call. */
const impureGlobals = ['fetch', 'process', 'setTimeout', 'setInterval', 'setImmediate', 'console'];

/** The actions' entries, which nothing imports. */
const entries = ['publish', 'inspect', 'purge'];

/** The rooms that a room's files may import, its own among them. */
export function allowedRooms(room) {
  const at = layers.findIndex((layer) => layer.room === room);
  const { beside = [] } = layers[at];
  const isAllowed = (other) => !isBeside(room, other) || beside.includes(other);
  const below = layers.slice(at + 1).map((layer) => layer.room);
  return [room, ...below.filter(isAllowed)];
}

// Rooms of one folder that are neither the folder itself.
function isBeside(room, other) {
  const folder = room.slice(0, room.lastIndexOf('/'));
  return folder !== 'src' && other.startsWith(`${folder}/`);
}

/** The packages that a room may not import, each with the room that may. */
export function reservedPackages(room) {
  const others = layers.filter((layer) => layer.room !== room);
  return Object.fromEntries(others.flatMap((layer) => (layer.uses ?? []).map((name) => [name, layer.room])));
}

/** Biome's overrides that hold the rooms to the table. */
export function linterOverrides() {
  return layers.map((layer) => ({
    includes: [`${layer.room}/*.ts`],
    linter: {
      rules: { style: { noRestrictedImports: restriction(layer), ...(layer.pure && pureGlobals()) } },
    },
  }));
}

function restriction({ room, pure }) {
  const paths = Object.entries(reservedPackages(room)).map(([name, owner]) => [
    name,
    `Only ${owner} imports ${name}.`,
  ]);
  const allowed = allowedRooms(room);
  const forbidden = layers
    .map((layer) => layer.room)
    .filter((other) => other !== 'src' && !allowed.includes(other));
  const group = forbidden.map((other) => `${relative(room, other)}/*.ts`);
  const patterns = [
    ...(group.length > 0
      ? [{ group, message: `${room} imports only what stands below it in .github/layers.mjs.` }]
      : []),
    {
      group: ['**/test/**', '**/bench/**', ...entries.map((name) => `${relative(room, 'src')}/${name}.ts`)],
      message: 'src imports neither tests nor benches nor its entries.',
    },
    ...(pure
      ? [{ group: ['node:*', ...pureModules.map((name) => `!${name}`)], message: `${room} is pure.` }]
      : []),
  ];
  return { level: 'error', options: { paths: Object.fromEntries(paths), patterns } };
}

function pureGlobals() {
  const deniedGlobals = Object.fromEntries(impureGlobals.map((name) => [name, 'This room is pure.']));
  return { noRestrictedGlobals: { level: 'error', options: { deniedGlobals } } };
}

function relative(from, to) {
  const [own, other] = [from.split('/'), to.split('/')];
  let shared = 0;
  while (shared < own.length && own[shared] === other[shared]) shared += 1;
  const up = own.slice(shared).map(() => '..');
  return [...(up.length === 0 ? ['.'] : up), ...other.slice(shared)].join('/');
}

/** The linter's configuration with the overrides of this table in place of those of rooms. */
export function linterConfiguration(text) {
  const configuration = JSON.parse(text);
  const isRoom = (override) => layers.some(({ room }) => override.includes?.[0] === `${room}/*.ts`);
  const others = configuration.overrides.filter((override) => !isRoom(override));
  return `${JSON.stringify({ ...configuration, overrides: [...others, ...linterOverrides()] }, null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = fileURLToPath(new URL('../biome.json', import.meta.url));
  writeFileSync(file, linterConfiguration(readFileSync(file, 'utf8')));
}
