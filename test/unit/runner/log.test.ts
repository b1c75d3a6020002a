import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportFailure } from '../../../src/actions/failure.ts';
import type { Report, ReportedFailure } from '../../../src/actions/summary/report.ts';
import { AuthError, InputError, NetworkError } from '../../../src/run/errors.ts';
import { RunnerLog } from '../../../src/runner/log.ts';
import { InProcessRunner } from '../../support/run/in-process-runner.ts';

/** What reaches the runner, line by line. */
async function linesOf(
  act: (log: RunnerLog) => unknown,
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const runner = new InProcessRunner(environment, '/home/u', '/workspace');
  await act(new RunnerLog(runner));
  return runner.stdout.split(/\r?\n/).slice(0, -1);
}

const table: readonly { name: string; in: (log: RunnerLog) => unknown; out: readonly string[] }[] = [
  { name: 'a line', in: (log) => log.info('text'), out: ['text'] },
  { name: 'several lines', in: (log) => log.info('one\ntwo'), out: ['one', 'two'] },
  {
    name: 'commands in lines',
    in: (log) => log.info('::error::a\n  ::error::b\nx ##[error]c\nd\r::error::e'),
    out: [':\u200b:error::a', '  :\u200b:error::b', 'x #\u200b#[error]c', 'd\\x0d::error::e'],
  },
  {
    name: 'a warning',
    in: (log) => log.warning('50 %\n::error::x'),
    out: ['::warning::50 %25%0A:\u200b:error::x'],
  },
  {
    name: 'an encoded line end',
    in: (log) => log.warning('a%0A::error::x'),
    out: ['::warning::a%250A::error::x'],
  },
  { name: 'debug text that nobody asked for', in: (log) => log.debug('a'), out: [] },
  { name: 'a failure', in: (log) => log.failed('Title', 'cause'), out: ['::error title=Title::cause'] },
  {
    name: 'a failure of several lines',
    in: (log) => log.failed('A, b: c', 'cause\nremedy'),
    out: ['::error title=A%2C b%3A c::cause%0Aremedy'],
  },
  {
    name: 'a group',
    in: (log) => log.group('Push', async () => log.info('x')),
    out: ['::group::Push', 'x', '::endgroup::'],
  },
  { name: 'a group that says nothing', in: (log) => log.group('Push', async () => undefined), out: [] },
  {
    name: 'a group that fails',
    in: (log) =>
      log
        .group('Push', async () => {
          log.info('x');
          throw new Error('no');
        })
        .catch(() => log.info('after')),
    out: ['::group::Push', 'x', '::endgroup::', 'after'],
  },
  {
    name: 'a warning of a group, which nobody has to unfold',
    in: (log) =>
      log.group('Push', async () => {
        log.info('x');
        log.warning('w');
        log.warning('v');
        log.info('y');
      }),
    out: [
      ...['::group::Push', 'x', '::endgroup::'],
      ...['::warning::w', '::warning::v'],
      ...['::group::Push', 'y', '::endgroup::'],
    ],
  },
  {
    name: 'a group with nothing but a warning',
    in: (log) => log.group('Push', async () => log.warning('w')),
    out: ['::warning::w'],
  },
  {
    name: 'a failure within a group',
    in: (log) =>
      log.group('Push', async () => {
        log.info('x');
        log.failed('Cancelled', 'no');
      }),
    out: ['::group::Push', 'x', '::endgroup::', '::error title=Cancelled::no'],
  },
  {
    name: 'a hostile heading',
    in: (log) => log.group('a\n::error::b', async () => log.info('x')),
    out: ['::group::a%0A:\u200b:error::b', 'x', '::endgroup::'],
  },
  { name: 'a secret', in: (log) => log.secret('s3cret'), out: ['::add-mask::s3cret'] },
  {
    name: 'a secret of several lines',
    in: (log) => log.secret('one\r\n\ntwo\n '),
    out: ['::add-mask::one', '::add-mask::two'],
  },
  {
    name: 'a secret in base64',
    in: (log) => log.secret('dXNlcjpwdw=='),
    out: ['::add-mask::dXNlcjpwdw==', '::add-mask::dXNlcjpwdw'],
  },
  {
    name: 'a secret told twice',
    in: (log) => {
      log.secret('s');
      log.secret('s');
    },
    out: ['::add-mask::s'],
  },
];

for (const { name, in: act, out } of table)
  test(`log: ${name}`, async () => assert.deepEqual(await linesOf(act), out));

test('log: what is secret is masked in every text, and in what the summary shows of warnings', async () => {
  let warnings: readonly string[] = [];
  const lines = await linesOf((log) => {
    log.secret('pass');
    log.secret('pass-phrase');
    log.info('a pass-phrase and a pass');
    log.warning('the pass-phrase\n##[error]pass');
    log.failed('Title', 'no pass-phrase\ngive another pass');
    warnings = log.warnings;
  });
  assert.deepEqual(lines.slice(2), [
    'a *** and a ***',
    '::warning::the ***%0A#\u200b#[error]***',
    '::error title=Title::no ***%0Agive another ***',
  ]);
  assert.deepEqual(warnings, ['the ***\n##[error]***']);
});

test('log: debug text, in a run with debug logging', async () => {
  const debugging = { RUNNER_DEBUG: '1' };
  assert.deepEqual(await linesOf((log) => log.debug('a\u001b[31m'), debugging), ['::debug::a\\x1b[31m']);
});

test('log: beyond ten warnings the runner keeps none, so further ones are lines; the summary has them all', async () => {
  let warnings: readonly string[] = [];
  const lines = await linesOf((log) => {
    for (let n = 1; n <= 12; n += 1) log.warning(`w${n}`);
    warnings = log.warnings;
  });
  assert.equal(lines.filter((line) => line.startsWith('::warning::')).length, 10);
  assert.deepEqual(lines.slice(10), ['Warning: w11', 'Warning: w12']);
  assert.equal(warnings.length, 12);
});

const failures: readonly { name: string; in: unknown; out: RegExp }[] = [
  {
    name: 'an expected failure: message, code, hint',
    in: new AuthError('DENIED', 'denied: ghcr.io refused', { hint: 'Give the job packages: write.' }),
    out: /^::error title=Access denied::denied: ghcr\.io refused \[DENIED\]%0AGive the job packages: write\.%0Adocs\/TROUBLESHOOTING\.md#denied$/,
  },
  {
    name: 'its cause stays out of sight',
    in: new NetworkError('CONNECTION', 'no', { cause: new Error('password=hunter2') }),
    out: /^::error title=Registry not reachable::no \[CONNECTION\]%0ARead more about this error .*%0Adocs\/TROUBLESHOOTING\.md#connection$/,
  },
  {
    name: 'one problem of the inputs',
    in: new InputError([{ input: 'tags', line: 2, message: '"x" has no tag' }]),
    out: /^::error title=Invalid input::Invalid input:%0Atags line 2: "x" has no tag%0ACorrect the inputs .*%0Adocs\/TROUBLESHOOTING\.md#input$/,
  },
  {
    name: 'several problems of the inputs',
    in: new InputError([
      { input: 'tags', message: 'a' },
      { input: 'sources', line: 1, message: 'b' },
    ]),
    out: /^::error title=Invalid input::2 invalid inputs:%0Atags: a%0Asources line 1: b%0ACorrect /,
  },
  {
    name: 'a bug, with its stack',
    in: new RangeError('oops'),
    out: /^::error title=Bug in multiarch-manifest-action::This is a bug .*Please report .*%0ARangeError: oops%0A.*log\.test/,
  },
  {
    name: 'something thrown that is no error',
    in: 'text',
    out: /^::error title=Bug in multiarch-manifest-action::This is a bug .*%0Atext$/,
  },
  {
    name: 'hostile text in a message',
    in: new NetworkError('CONNECTION', 'x\n::error::y\u001b[31m'),
    out: /^::error title=Registry not reachable::x%0A:\u200b:error::y\\x1b\[31m \[CONNECTION\]%0A/,
  },
];

const reportOf = (failure: ReportedFailure): Report => ({
  status: 'failed',
  failure,
  tags: [],
  sources: [],
  warnings: [],
});
const environmentless = { environment: {}, input: () => '' };

for (const { name, in: error, out } of failures)
  test(`failure: ${name}`, async () => {
    const lines = await linesOf((log) => reportFailure(error, environmentless, log, reportOf));
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', out);
  });

test('failure: the step fails', async () => {
  const runner = new InProcessRunner({}, '/home/u', '/workspace');
  await reportFailure(new AuthError('DENIED', 'no'), runner, new RunnerLog(runner), reportOf);
  assert.equal(runner.exitCode, 1);
});
