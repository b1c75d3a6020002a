import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { askCredentialHelper, type HelperLogin } from '../../../src/credentials/credential-helper.ts';
import { AuthError } from '../../../src/run/errors.ts';

/** Helpers as scripts, by name. */
const scripts: Readonly<Record<string, string>> = {
  good: 'read server; test "$1" = get && echo "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"user at $server\\",\\"Secret\\":\\"p:1\\"}"',
  token: 'echo \'{"ServerURL":"x","Username":"<token>","Secret":"refresh"}\'',
  deaf: 'echo \'{"Username":"u","Secret":"p"}\'',
  none: 'echo credentials not found in native keychain; exit 1',
  blank: 'echo \'{"ServerURL":"","Username":"","Secret":""}\'',
  failing: 'echo hush-hush; echo the vault is sealed >&2; exit 3',
  rubbish: 'echo hush-hush',
  silent: 'exit 0',
  list: 'echo "[]" | tr -d "[]"; echo null',
  numbers: 'echo \'{"Username":"u","Secret":12345}\'',
  secretless: 'echo \'{"Username":"u"}\'',
  endless: 'while :; do echo hush-hush-hush-hush-hush-hush-hush-hush; done',
  hanging: 'echo $$ > "$PID_FILE"; sleep 60',
  orphaning: 'sleep 60 & echo $! > "$PID_FILE"; exit 0',
  killed: 'kill -9 $$',
  'with.dots_and-dashes': 'echo \'{"Username":"u","Secret":"p"}\'',
};

let directory = '';
const environment = (): Record<string, string> => ({
  PATH: `${directory}:${process.env['PATH']}`,
  PID_FILE: join(directory, 'pid'),
});

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'helpers-'));
  for (const [name, script] of Object.entries(scripts)) {
    const path = join(directory, `docker-credential-${name}`);
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
  }
  await writeFile(join(directory, 'docker-credential-plain-file'), 'text');
});
after(() => rm(directory, { recursive: true }));

function ask(name: string, registry = 'r.example', timeout = 10_000): Promise<HelperLogin | undefined> {
  return askCredentialHelper(name, registry, { environment: environment(), timeout });
}

const answers: readonly (readonly [name: string, out: HelperLogin | undefined, registry?: string])[] = [
  ['good', { username: 'user at r.example:5000', secret: 'p:1' }, 'r.example:5000'],
  ['good', { username: 'user at https://index.docker.io/v1/', secret: 'p:1' }, 'docker.io'],
  ['token', { username: '<token>', secret: 'refresh' }],
  ['deaf', { username: 'u', secret: 'p' }],
  ['with.dots_and-dashes', { username: 'u', secret: 'p' }],
  ['none', undefined],
  ['blank', undefined],
];

for (const [name, out, registry] of answers) {
  test(`credential helpers: ${name} answers for ${registry ?? 'r.example'}`, async () => {
    assert.deepEqual(await ask(name, registry), out);
  });
}

const failures: readonly (readonly [name: string, out: RegExp, timeout?: number])[] = [
  ['missing', /not on PATH/],
  ['plain-file', /cannot be started \(EACCES\)/],
  ['failing', /exit code 3; it printed: the vault is sealed$/],
  ['rubbish', /not the JSON object/],
  ['silent', /not the JSON object/],
  ['list', /not the JSON object/],
  ['numbers', /not the JSON object/],
  ['secretless', /no secret/],
  ['endless', /more than 65536 bytes/],
  ['hanging', /did not answer within 0\.3 s/, 300],
  ['orphaning', /did not answer within 0\.3 s/, 300],
  ['killed', /SIGKILL/],
];

for (const [name, out, timeout] of failures) {
  test(`credential helpers: the error of ${name} names it and the registry, and does not show its answer`, async () => {
    await assert.rejects(ask(name, 'r.example', timeout), (error: unknown) => {
      assert.ok(error instanceof AuthError);
      assert.equal(error.code, 'CREDENTIAL_HELPER');
      assert.match(error.message, out);
      assert.match(error.message, new RegExp(`^docker-credential-${name} .* r\\.example:`));
      assert.doesNotMatch(`${error.stack} ${error.hint} ${error.cause}`, /hush/);
      return true;
    });
  });
}

for (const name of ['', 'a/b', '../x', '/bin/sh', 'a b', 'a;b', 'a\nb', 'C:x', 'a\\b']) {
  test(`credential helpers: ${JSON.stringify(name)} is not a helper's name`, async () => {
    await assert.rejects(ask(name), {
      code: 'CREDENTIAL_HELPER',
      message: /r\.example was not run: its name/,
    });
  });
}

for (const name of ['hanging', 'orphaning']) {
  test(`credential helpers: the processes that ${name} started end with it`, async () => {
    await assert.rejects(ask(name, 'r.example', 300));
    const pid = Number(await readFile(join(directory, 'pid'), 'utf8'));
    assert.ok(pid > 0);
    for (let turn = 0; turn < 50 && (await isRunning(pid)); turn += 1) await sleep(20);
    assert.equal(await isRunning(pid), false);
  });
}

/** Whether a process exists and is more than a zombie. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    return !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}
