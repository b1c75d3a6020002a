import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runProcess } from '../../../bench/process.ts';

test('a program gets its own environment and tells what it cost', async () => {
  const script = `if (process.env.OWN !== 'yes' || process.env.HOME !== '/nowhere') process.exit(1)`;
  const command = { program: process.execPath, arguments: ['-e', script], environment: { OWN: 'yes' } };
  const { wall, memory } = await runProcess(command, { HOME: '/nowhere' });
  assert.ok(wall > 0);
  if (process.platform === 'linux') assert.ok(memory > 1e6, `${memory} bytes`);
});

test('a program that fails is an error with what it printed', async () => {
  const script = `console.error('denied'); process.exitCode = 3`;
  await assert.rejects(runProcess({ program: process.execPath, arguments: ['-e', script] }), {
    message: `${process.execPath} -e ${script} ended with 3:\ndenied`,
  });
});
