/** Two hundred sources without an end, in bounded memory. */
import assert from 'node:assert/strict';
import { makeImage } from '../../../support/images/images.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { serverTls } from '../../../support/tls/tls.ts';
import { errorOf } from '../../evidence.ts';
import { store } from '../../stock.ts';

const mebibyte = 1024 * 1024;
const maxMemory = 150_000_000;
const numbers = Array.from({ length: 200 }, (_, at) => at);

const endless: readonly { fault: 'endless-body' | 'endless-error-body'; what: string; path: RegExp }[] = [
  { fault: 'endless-body', what: 'manifests', path: /\/manifests\/image-/ },
  { fault: 'endless-error-body', what: 'manifests', path: /\/manifests\/image-/ },
  { fault: 'endless-body', what: 'configs', path: /\/blobs\// },
];

const protocols = { 'HTTP/1.1': {}, 'HTTP/2': { tls: serverTls(), http2: true } } as const;
const cases = endless.flatMap((each) => Object.entries(protocols).map((protocol) => ({ ...each, protocol })));

for (const {
  fault,
  what,
  path,
  protocol: [protocol, registry],
} of cases) {
  const name = `two hundred ${what} without an end (${fault}, ${protocol}) stay below 150 MB`;
  scenario(name, { registry }, async (t) => {
    for (const at of numbers)
      store(t.registry, 'app', `image-${at}`, makeImage({ os: 'linux', architecture: `cpu${at}` }));
    t.registry.inject({ fault, on: { method: 'GET', path, times: Number.POSITIVE_INFINITY } });
    const sources = numbers.map((at) => t.ref(`app:image-${at}`)).join('\n');
    const inputs = { tags: t.ref('app:1'), sources };
    // Memory is that of the process on dist: run in process, this test looks at the error alone.
    const run = await t.publish(inputs, { pace: 'hurried' });
    assert.equal(run.exitCode, 1, run.stdout);
    // Over HTTP/2, some responses end with a reset of their stream; for a hurried process on a busy machine, also in silence.
    assert.match(errorOf(run).join('\n'), /\[(?:TOO_LARGE|UNAVAILABLE|CONNECTION|TIMEOUT)\]/);
    if (run.peakRssBytes !== undefined)
      assert.ok(run.peakRssBytes < maxMemory, `${Math.round(run.peakRssBytes / mebibyte)} MiB`);
  });
}
