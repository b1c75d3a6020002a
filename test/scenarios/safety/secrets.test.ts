/** Registries and token servers that say back what they were shown. */
import assert from 'node:assert/strict';
import type { TestRegistry } from '../../support/registry/registry.ts';
import { defaultAccount } from '../../support/registry/registry-auth.ts';
import type { BearerAuth } from '../../support/registry/registry-options.ts';
import type { ActionRun } from '../../support/run/run-action.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { secret } from '../../support/run/secrets.ts';
import { configFile, encodedPair, publishOne } from '../../support/tokens/handed-logins.ts';
import { type Answer, type FaultContext, requestHeader, type WireRequest } from '../../support/wire/wire.ts';

const { username, password } = defaultAccount;
const pair = encodedPair(defaultAccount);

/** Any piece of a secret that is long enough to be one. */
function assertNoPiece(run: ActionRun, ...secrets: readonly string[]): void {
  const shown = `${run.stdout.replaceAll(/^::add-mask::.*$/gm, '')}${run.stderr}${run.summary}`;
  for (const value of secrets)
    for (let at = 0; at + 8 <= value.length; at += 1) {
      const piece = value.slice(at, at + 8);
      assert.ok(!shown.includes(piece), `${piece} of a secret appears:\n${shown}`);
    }
}

const mask = (run: ActionRun, value: string): boolean => run.stdout.includes(`::add-mask::${value}\n`);

type Echo = (shown: { readonly header: string; readonly text: string }) => Answer;

/** A refusal with this code and message. */
function refusal(message: string, code = 'DENIED'): Answer {
  const body = JSON.stringify({ errors: [{ code, message }] });
  return { status: 403, headers: { 'content-type': 'application/json' }, body };
}

const filler = 'x'.repeat(140);

const echoes: Readonly<Record<string, Echo>> = {
  'the header in its message': ({ header }) => refusal(`denied: you sent "${header}"`),
  'the header in its code': ({ header }) => refusal('denied', header),
  'the header at the end of a long message': ({ header }) => refusal(`${filler}${header}`),
  'the meaning of the header': ({ text }) => refusal(`no access for ${text}`),
  'the meaning of the header, late in a long message': ({ text }) => refusal(`${filler}${text}`),
  'the header in a page': ({ header }) => ({
    status: 403,
    headers: { 'content-type': 'text/html' },
    body: `<h1>${header}</h1>`,
  }),
  'the header in a Warning': ({ header, text }) => ({
    ...refusal('denied'),
    headers: { warning: `299 - "you sent ${header}, which is ${text}"` },
  }),
  'the header in a redirect': ({ header }) => ({
    status: 308,
    headers: { location: `/v2/${encodeURIComponent(header)}?token=${encodeURIComponent(header)}` },
  }),
  'the header in a redirect to nowhere': ({ header }) => ({
    status: 308,
    headers: { location: `http://127.0.0.1:9/${header.split(' ')[1]}` },
  }),
  'the header in the digest and the type': ({ header }) => ({
    status: 201,
    headers: { 'docker-content-digest': header, 'content-type': header },
  }),
};

function shownIn(request: WireRequest): Parameters<Echo>[0] {
  const header = requestHeader(request, 'authorization') ?? '';
  const value = header.split(' ')[1] ?? '';
  return { header, text: header.startsWith('Basic') ? Buffer.from(value, 'base64').toString() : value };
}

/** Answers every write of a manifest with an echo of what it was shown. */
function echoWrites(registry: TestRegistry, echo: Echo): void {
  registry.inject({
    fault: 'custom',
    apply: async ({ request }: FaultContext) => echo(shownIn(request)),
    on: { method: 'PUT', path: /\/manifests\//, times: 99 },
  });
}

function tokensOf(registry: TestRegistry): string[] {
  const values = registry.wire.flatMap(({ headers }) => headers.authorization ?? []);
  return [...new Set(values.filter((value) => value.startsWith('Bearer ')).map((value) => value.slice(7)))];
}

for (const auth of ['basic', 'bearer'] as const)
  for (const [name, echo] of Object.entries(echoes)) {
    scenario(`a registry with ${auth} auth says ${name}`, { auth }, async (t) => {
      echoWrites(t.registry, echo);
      const run = await publishOne(t, { input: t.registryAuth, env: { RUNNER_DEBUG: '1' } });
      assert.equal(run.exitCode, 1);
      assertNoPiece(run, password, pair, ...tokensOf(t.registry));
    });
  }

scenario('a refusal names the login that was refused', { auth: 'basic' }, async (t) => {
  echoWrites(t.registry, ({ header }) => refusal(`no write access with ${header}`));
  const run = await publishOne(t, { input: t.registryAuth });
  t.snapshot(run, { wire: 'none' });
});

const bearer = { registry: { auth: { kind: 'bearer' } satisfies BearerAuth } };

for (const status of [400, 401, 403, 404, 500]) {
  scenario(`a token server says password and header back with ${status}`, bearer, async (t) => {
    t.registry.inject({
      fault: 'custom',
      on: { path: /^\/token/, times: status === 500 ? 2 : 99 },
      apply: async ({ request }) => {
        const { header, text } = shownIn(request);
        const body = JSON.stringify({
          error: header,
          error_description: `${text} is wrong`,
          errors: [{ code: text, message: header }],
        });
        return { status, headers: { 'content-type': 'application/json' }, body };
      },
    });
    const run = await publishOne(t, { input: t.registryAuth, env: { RUNNER_DEBUG: '1' } });
    assert.equal(run.exitCode, status === 500 ? 0 : 1);
    assertNoPiece(run, password, pair);
  });
}

scenario('a token that cannot be used is not shown', bearer, async (t) => {
  const token = secret('a token that is no token');
  t.registry.inject({
    fault: 'status',
    status: 200,
    body: JSON.stringify({ token }),
    on: { path: /^\/token/ },
  });
  const run = await publishOne(t, { input: t.registryAuth, env: { RUNNER_DEBUG: '1' } });
  assert.equal(run.exitCode, 1);
  assertNoPiece(run, token);
});

/** Every kind of secret, and the run that uses it. */
const kinds: Readonly<
  Record<string, (t: Scenario<TestRegistry>) => Promise<{ run: ActionRun; secrets: string[] }>>
> = {
  'password and header': async (t) => ({
    run: await publishOne(t, { input: t.registryAuth, env: { RUNNER_DEBUG: '1' } }),
    secrets: [password, pair],
  }),
  'auth of config.json': async (t) => ({
    run: await publishOne(t, {
      ...configFile({ auths: { [t.registry.host]: { auth: pair } } }),
      env: { RUNNER_DEBUG: '1' },
    }),
    secrets: [password, pair],
  }),
};

for (const auth of ['basic', 'bearer'] as const)
  for (const [name, use] of Object.entries(kinds)) {
    scenario(
      `${name} are masked before a request shows them to a registry with ${auth}`,
      { auth },
      async (t) => {
        const { run, secrets } = await use(t);
        assert.equal(run.exitCode, 0, run.stdout + run.stderr);
        for (const value of [...secrets, ...tokensOf(t.registry)]) assert.ok(mask(run, value), value);
        assertNoPiece(run, ...secrets, ...tokensOf(t.registry));
      },
    );
  }

scenario(
  'a password of several lines is masked line by line',
  {
    registry: {
      auth: { kind: 'basic', accounts: [{ ...defaultAccount, password: 'first line 1\nsecond line 2' }] },
    },
  },
  async (t) => {
    const run = await publishOne(t, {
      input: JSON.stringify([
        { registry: t.registry.host, username, password: 'first line 1\nsecond line 2' },
      ]),
    });
    assert.equal(run.exitCode, 0, run.stdout + run.stderr);
    for (const line of ['first line 1', 'second line 2']) assert.ok(mask(run, line));
  },
);
