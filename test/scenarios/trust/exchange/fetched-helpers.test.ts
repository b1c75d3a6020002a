/** Credential helpers that the action fetches: nothing but the verified program goes on PATH, and fetching has an end. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { makeImage } from '../../../support/images/images.ts';
import { temporaryDirectory } from '../../../support/rigs/temporary-directory.ts';
import type { ActionRun, RunOptions } from '../../../support/run/run-action.ts';
import { type Scenario, type ScenarioOptions, scenario } from '../../../support/run/scenario.ts';
import { configFile } from '../../../support/tokens/handed-logins.ts';
import { errorOf } from '../../evidence.ts';

const asking: ScenarioOptions = { auth: 'basic' };
const mebibyte = 1024 * 1024;
/** Helpers have some ten megabytes; none comes near this. */
const maxHelperBytes = 100 * mebibyte;

async function serve(t: Scenario, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.test.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function publishWith(t: Scenario, line: string, options: RunOptions): Promise<ActionRun> {
  await t.push('app:1-amd64', makeImage('linux/amd64'));
  const { home } = configFile({ credHelpers: { [t.registry.host]: 'fetched' } });
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:1-amd64'), 'credential-helpers': line };
  // The tool cache reads the environment of its process.
  return t.publish(inputs, { manner: 'process', ...(home && { home }), ...options });
}

const pathOf = (run: ActionRun): string => run.directory.read('GITHUB_PATH').trim();

scenario('a helper goes on PATH alone, whatever lies beside it in the tool cache', asking, async (t) => {
  const { username = '', password = '' } = t.registry.credentials ?? {};
  const answer = JSON.stringify({ ServerURL: t.registry.host, Username: username, Secret: password });
  const helper = `#!/bin/sh\nprintf %s '${answer}'\n`;
  const url = await serve(t, (_request, response) => void response.end(helper));
  const line = `fetched ${url}/fetched sha256:${createHash('sha256').update(helper).digest('hex')}`;
  const env = { RUNNER_TOOL_CACHE: join(temporaryDirectory(t.test), 'tools') };
  const first = await publishWith(t, line, { env });
  assert.equal(first.exitCode, 0, first.stdout);
  const [kept = ''] = readdirSync(env.RUNNER_TOOL_CACHE, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('docker-credential-fetched') && name.includes('0.0.0-'),
  );
  writeFileSync(join(env.RUNNER_TOOL_CACHE, dirname(kept), 'docker'), '#!/bin/sh\n', { mode: 0o755 });
  const second = await publishWith(t, line, { env });
  assert.equal(second.exitCode, 0, second.stdout);
  for (const run of [first, second]) {
    const directory = pathOf(run);
    assert.ok(!directory.startsWith(env.RUNNER_TOOL_CACHE), directory);
    assert.deepEqual(readdirSync(directory), ['docker-credential-fetched']);
    assert.equal(readFileSync(join(directory, 'docker-credential-fetched'), 'utf8'), helper);
  }
  assert.notEqual(pathOf(first), pathOf(second));
});

scenario('a download that is larger than any helper ends', asking, async (t) => {
  let sent = 0;
  const piece = Buffer.alloc(mebibyte);
  const url = await serve(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    // It ends at some time, so that a client without a limit fills no disk.
    const more = (): void => {
      if (response.destroyed) return;
      if (sent >= maxHelperBytes + 60 * mebibyte) return void response.end();
      sent += piece.length;
      response.write(piece, () => setImmediate(more));
    };
    more();
  });
  const run = await publishWith(t, `fetched ${url}/fetched sha256:${'0'.repeat(64)}`, {});
  assert.equal(run.exitCode, 1);
  assert.match(errorOf(run).join('\n'), /\[CREDENTIAL_HELPER_DOWNLOAD\]/);
  assert.ok(sent < maxHelperBytes + 30 * mebibyte, `${sent} bytes were taken`);
});

scenario('a download that drips ends', asking, async (t) => {
  const url = await serve(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    const drip = setInterval(() => response.write('.'), 100);
    response.once('close', () => clearInterval(drip));
  });
  const line = `fetched ${url}/fetched sha256:${'0'.repeat(64)}`;
  const run = await publishWith(t, line, { pace: 'hurried', limit: 30_000 });
  assert.equal(run.exitCode, 1);
  assert.match(errorOf(run).join('\n'), /127\.0\.0\.1.*\[CREDENTIAL_HELPER_DOWNLOAD\]/s);
});
