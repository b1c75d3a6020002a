/** Amazon ECR deletes an image with its last tag, so staging tags stay there. */
import assert from 'node:assert/strict';
import { scenario } from '../../support/run/scenario.ts';
import { serverTls } from '../../support/tls/tls.ts';
import { warningsOf } from '../evidence.ts';
import { proxyTo, purgeThrough, stage } from './vendor-rig.ts';

const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

scenario('tags of Amazon ECR stay, with its command', { registry: { tls: serverTls([host]) } }, async (t) => {
  await stage(t, 'team/app');
  const proxy = await proxyTo(t, { [host]: t.registry.host });
  const run = await purgeThrough(t, proxy, { tags: `${host}/team/app:1-amd64\n${host}/team/app:1-arm64` });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['purged'], '[]');
  assert.equal(warningsOf(run).length, 1, run.stdout);
  assert.match(
    warningsOf(run)[0] ?? '',
    /Run `aws ecr batch-delete-image --region eu-west-1 --repository-name team\/app --image-ids imageTag=1-amd64`/,
  );
  assert.ok(t.registry.wire.every(({ method }) => method === 'GET' || method === 'HEAD'));
});
