/**
 * What real signers sign is promoted, and they verify it where it arrives. Each route takes the signatures of one signer
 * along; with `SIGNERS=all` those of every signer.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { startRealRegistry } from '../../support/registry/real-registry.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import type { RegistryHandle } from '../../support/registry/registry-handle.ts';
import { temporaryDirectory } from '../../support/rigs/temporary-directory.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { skipWithout } from '../../support/wire/programs.ts';
import { type Signer, Signers, signers, skipWithoutSigner } from './signer.ts';

const amd64 = makeImage('linux/amd64');
const list = makeIndex([amd64, makeImage('linux/arm64')]);
const subjects = [list, amd64].map(({ digest }) => digest);

/** CNCF distribution 2 has no referrers API; the test registry has one, and takes no manifest before its subject. */
const kinds = {
  api: () => startRegistry({ subjects: 'required' }),
  tags: () => startRealRegistry(),
} as const;

type Kind = keyof typeof kinds;

interface Route {
  readonly from: Kind;
  readonly to: Kind | 'same';
  /** Saves what is signed to `out`, a layout, which is then the source. */
  readonly save?: (tools: Signers, repository: string) => Promise<unknown>;
  /** The signers whose signatures it takes along; by default all. */
  readonly takes?: RegExp;
}

const byOras: NonNullable<Route['save']> = async (tools, repository) => {
  const into = ['--from-plain-http', '--to-oci-layout'];
  const tags = await tools.run('oras', 'repo', 'tags', '--plain-http', repository);
  for (const digest of subjects)
    await tools.run('oras', 'cp', '-r', ...into, `${repository}@${digest}`, 'out');
  await tools.run('oras', 'tag', '--oci-layout', `out@${list.digest}`, 'v1');
  for (const tag of tags.split('\n').filter((each) => /\.(sig|att)$/.test(each)))
    await tools.run('oras', 'cp', ...into, `${repository}:${tag}`, `out:${tag}`);
};

const byCosign: NonNullable<Route['save']> = (tools, repository) =>
  tools.run('cosign', 'save', '--dir=out', '--allow-http-registry', `${repository}@${list.digest}`);

const routes: Readonly<Record<string, Route>> = {
  'within a registry that has the referrers API': { from: 'api', to: 'same' },
  'within a registry that lists referrers by tags': { from: 'tags', to: 'same' },
  'from tags to the referrers API': { from: 'tags', to: 'api' },
  'from the referrers API to tags': { from: 'api', to: 'tags' },
  'to another registry that has the referrers API': { from: 'api', to: 'api' },
  'to another registry that lists referrers by tags': { from: 'tags', to: 'tags' },
  'from a layout by oras to the referrers API': { from: 'tags', to: 'api', save: byOras },
  'from a layout by oras to tags': { from: 'api', to: 'tags', save: byOras },
  'from a layout by cosign': { from: 'tags', to: 'tags', save: byCosign, takes: /tags$/ },
};

const all = Object.entries(signers);

for (const [at, [name, route]] of Object.entries(routes).entries()) {
  const taken = all.filter(([signer]) => route.takes?.test(signer) ?? true);
  const chosen = process.env['SIGNERS'] === 'all' ? taken : taken.slice(at % taken.length).slice(0, 1);
  const programs = new Set(chosen.flatMap(([, signer]) => signer.programs));
  if (route.save === byOras) programs.add('oras');
  const skip = skipWithout('docker-registry') || skipWithoutSigner(...programs);
  const names = chosen.map(([signer]) => signer);
  scenario(`${name}: ${names.join('; ')}`, { registries: 0, skip }, (t) =>
    promote(t, route, Object.fromEntries(chosen)),
  );
}

async function promote(t: Scenario, route: Route, chosen: Readonly<Record<string, Signer>>): Promise<void> {
  const from = await started(t, route.from);
  const to = route.to === 'same' ? from : await started(t, route.to);
  const directory = temporaryDirectory(t.test);
  const tools = new Signers(directory);
  await t.push('acme/app:1', list, from);
  for (const signer of Object.values(chosen)) await signer.prepare(tools);
  for (const digest of signed(route))
    for (const signer of Object.values(chosen)) await signer.sign(tools, `${from.host}/acme/app@${digest}`);
  await route.save?.(tools, `${from.host}/acme/app`);
  const sources = route.save === undefined ? t.ref('acme/app:1', from) : `oci:${join(directory, 'out')}`;
  const inputs = { tags: t.ref('acme/released:1', to), sources };

  const without = await t.publish({ ...inputs, 'copy-referrers': 'false' });
  assert.equal(without.exitCode, 0, without.stdout);
  for (const [name, outcome] of await verified(tools, route, chosen, to))
    assert.notEqual(outcome, 'verified', name);

  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['digest'], list.digest);
  for (const [name, outcome] of await verified(tools, route, chosen, to))
    assert.equal(outcome, 'verified', name);
}

/** cosign saves what is attached to a list, and not what is attached to its images. */
function signed({ save }: Route): readonly string[] {
  return save === byCosign ? [list.digest] : subjects;
}

async function started(t: Scenario, kind: Kind): Promise<RegistryHandle> {
  const registry = await kinds[kind]();
  t.test.after(() => registry.close());
  return registry;
}

async function verified(
  tools: Signers,
  route: Route,
  chosen: Readonly<Record<string, Signer>>,
  { host }: RegistryHandle,
): Promise<readonly (readonly [name: string, outcome: string])[]> {
  const outcomes: (readonly [string, string])[] = [];
  for (const [name, signer] of Object.entries(chosen))
    for (const digest of signed(route)) {
      const verification = signer.verify(tools, `${host}/acme/released@${digest}`);
      const outcome = await verification.then(() => 'verified', String);
      outcomes.push([`${name} of ${digest}`, outcome]);
    }
  return outcomes;
}
