// The layers of src, from the entries down: each room imports only what stands below it (rule A), and of its own
// folder only the folder's own files, never a room beside it (rule B). test/unit/repository/layers.test.ts checks every
// import against this table.

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

/** Modules that a pure room may import: they compute. */
export const pureModules = [
  ...['node:crypto', 'node:buffer', 'node:util'],
  ...['semver/functions/compare.js', 'semver/functions/parse.js'],
];

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
