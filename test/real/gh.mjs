#!/usr/bin/env node
// Answers `gh api` and `gh release create` as GitHub would for the repository in the file GH_STATE; needs jq for --jq.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const file = process.env['GH_STATE'];
const state = JSON.parse(readFileSync(file, 'utf8'));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    method: { type: 'string', default: 'GET' },
    jq: { type: 'string' },
    paginate: { type: 'boolean' },
    field: { type: 'string', short: 'F', multiple: true },
    'raw-field': { type: 'string', short: 'f', multiple: true },
    draft: { type: 'boolean' },
    target: { type: 'string' },
    title: { type: 'string' },
    'notes-file': { type: 'string' },
  },
});
const fields = Object.fromEntries(
  [...(values.field ?? []), ...(values['raw-field'] ?? [])].map((pair) => pair.split(/=(.*)/s, 2)),
);

const [command, ...rest] = positionals;
if (command === 'release') createDraft(rest[1]);
else print(answer(rest[0].replace(/^repos\/[^/]+\/[^/?]+\//, '')));
writeFileSync(file, JSON.stringify(state));

function createDraft(tag) {
  const id = state.nextId++;
  const notes = readFileSync(values['notes-file'], 'utf8');
  state.releases.push({
    id,
    draft: values.draft === true,
    tag_name: tag,
    target_commitish: values.target,
    notes,
  });
}

function answer(path) {
  if (state.outage) fail('Service Unavailable', 503);
  const [place] = path.split('?');
  const parts = place.split('/');
  if (place === 'releases') return state.releases;
  if (place.startsWith('releases/tags/')) {
    return (
      state.releases.find(({ draft, tag_name }) => !draft && tag_name === parts[2]) ?? fail('Not Found', 404)
    );
  }
  if (parts[0] === 'releases') return release(Number(parts[1]));
  if (place === 'environments/release') return state.environment ?? fail('Not Found', 404);
  if (place.startsWith('contents/')) return contents(/ref=(.*)/.exec(path)[1]);
  if (place.endsWith('/check-runs')) return { check_runs: state.checkRuns };
  if (/^git\/refs?(\/tags)?/.test(place)) return reference(parts.at(-1));
  return fail(`Unknown path ${path}`, 400);
}

function release(id) {
  const found = state.releases.find((each) => each.id === id) ?? fail('Not Found', 404);
  if (values.method === 'DELETE') {
    state.releases = state.releases.filter((each) => each !== found);
    return undefined;
  }
  if (tree(found.target_commitish) !== tree('main')) fail('Resource not accessible by integration', 403);
  found.draft = false;
  state.tags[found.tag_name] = found.target_commitish;
  return { html_url: `https://github.com/acme/action/releases/${found.tag_name}` };
}

function reference(name) {
  if (values.method === 'POST') state.tags[fields.ref.replace('refs/tags/', '')] = fields.sha;
  else if (values.method === 'PATCH') state.tags[name] = fields.sha;
  else if (state.tags[name] === undefined) fail('Not Found', 404);
  return { object: { sha: state.tags[name] } };
}

function contents(ref) {
  return [
    { name: 'dependabot.yml', sha: 'x' },
    { name: 'workflows', sha: tree(ref) },
  ];
}

function tree(ref) {
  return state.workflows[ref === 'main' ? state.main : ref];
}

function print(value) {
  if (value === undefined) return;
  const text = JSON.stringify(value);
  if (values.jq === undefined) return console.log(text);
  const { status, stdout, stderr } = spawnSync('jq', ['--raw-output', values.jq], {
    input: text,
    encoding: 'utf8',
  });
  process.stdout.write(stdout);
  if (status !== 0) process.stderr.write(stderr);
  if (status !== 0) process.exit(1);
}

function fail(message, status) {
  console.log(JSON.stringify({ message, status }));
  console.error(`gh: ${message} (HTTP ${status})`);
  process.exit(1);
}
