/** Each class of faults once in a whole run, at one kind of request after the other; the sweep does the rest. */

import { faultClasses } from '../../support/faults/fault-classes.ts';
import { scenario } from '../../support/run/scenario.ts';
import {
  assertHelpful,
  assertNothingMoved,
  assertPublished,
  hurriedly,
  lookAtTag,
  publishLatest,
  readBack,
  readConfig,
  readSource,
  writeTag,
} from './scene.ts';

const requests = [readSource, writeTag, lookAtTag, readConfig, readBack];

for (const [at, faultClass] of faultClasses.entries()) {
  const on = requests[at % requests.length] ?? readSource;
  scenario(`${faultClass.name} at ${on.method} ${on.path?.source}`, {}, async (t) => {
    faultClass.apply({ inject: (fault) => t.registry.inject({ ...fault, on: { ...fault.on, ...on } }) }, 1);
    const run = await publishLatest(t, faultClass.slow ? hurriedly : {});
    if (run.exitCode === 0) return assertPublished(t, run);
    assertHelpful(await assertNothingMoved(t, run, '[A-Z_]+'), t.registry.host);
  });
}
