import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportFailure } from '../../../src/actions/failure.ts';
import type { Report, ReportedFailure } from '../../../src/actions/summary/report.ts';
import { AuthError, InputError, NetworkError } from '../../../src/run/errors.ts';
import { RunnerLog } from '../../../src/runner/log.ts';
import { InProcessRunner } from '../../support/run/in-process-runner.ts';

/** The lines that reach the runner. */
async function linesOf(
  act: (log: RunnerLog) => unknown,
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const runner = new InProcessRunner(environment, '/home/u', '/workspace');
  await act(new RunnerLog(runner));
  return runner.stdout.split(/\r?\n/).slice(0, -1);
}

const table: readonly (readonly [
  name: string,
  given: (log: RunnerLog) => unknown,
  out: readonly string[],
])[] = [
  ['a line', (log) => log.info('text'), ['text']],
  ['several lines', (log) => log.info('one\ntwo'), ['one', 'two']],
  [
    'commands in lines',
    (log) => log.info('::error::a\n  ::error::b\nx ##[error]c\nd\r::error::e'),
    [':\u200b:error::a', '  :\u200b:error::b', 'x #\u200b#[error]c', 'd\\x0d::error::e'],
  ],
  ['a warning', (log) => log.warning('50 %\n::error::x'), ['::warning::50 %25%0A:\u200b:error::x']],
  ['an encoded line end', (log) => log.warning('a%0A::error::x'), ['::warning::a%250A::error::x']],
  ['debug text that nobody asked for', (log) => log.debug('a'), []],
  ['a failure', (log) => log.failed('Title', 'cause'), ['::error title=Title::cause']],
  [
    'a failure of several lines',
    (log) => log.failed('A, b: c', 'cause\nremedy'),
    ['::error title=A%2C b%3A c::cause%0Aremedy'],
  ],
  ['a group', (log) => log.group('Push', async () => log.info('x')), ['::group::Push', 'x', '::endgroup::']],
  ['a group that says nothing', (log) => log.group('Push', async () => undefined), []],
  [
    'a group that fails',
    (log) =>
      log
        .group('Push', async () => {
          log.info('x');
          throw new Error('no');
        })
        .catch(() => log.info('after')),
    ['::group::Push', 'x', '::endgroup::', 'after'],
  ],
  [
    'a warning of a group, which nobody has to unfold',
    (log) =>
      log.group('Push', async () => {
        log.info('x');
        log.warning('w');
        log.warning('v');
        log.info('y');
      }),
    [
      ...['::group::Push', 'x', '::endgroup::'],
      ...['::warning::w', '::warning::v'],
      ...['::group::Push', 'y', '::endgroup::'],
    ],
  ],
  [
    'a warning that was written before',
    (log) => {
      for (const text of ['w', 'v', 'w']) log.warning(text);
    },
    ['::warning::w', '::warning::v'],
  ],
  [
    'a group with nothing but a warning',
    (log) => log.group('Push', async () => log.warning('w')),
    ['::warning::w'],
  ],
  [
    'a failure within a group',
    (log) =>
      log.group('Push', async () => {
        log.info('x');
        log.failed('Cancelled', 'no');
      }),
    ['::group::Push', 'x', '::endgroup::', '::error title=Cancelled::no'],
  ],
  [
    'a hostile heading',
    (log) => log.group('a\n::error::b', async () => log.info('x')),
    ['::group::a%0A:\u200b:error::b', 'x', '::endgroup::'],
  ],
  ['a secret', (log) => log.secret('s3cret'), ['::add-mask::s3cret']],
  [
    'a secret of several lines',
    (log) => log.secret('one\r\n\ntwo\n '),
    ['::add-mask::one', '::add-mask::two'],
  ],
  [
    'a secret in base64',
    (log) => log.secret('dXNlcjpwdw=='),
    ['::add-mask::dXNlcjpwdw==', '::add-mask::dXNlcjpwdw'],
  ],
  ['a token', (log) => log.secret('eyJhbGciOi.J9.x1', 'server'), ['::add-mask::eyJhbGciOi.J9.x1']],
  [
    'a secret told twice',
    (log) => {
      log.secret('s');
      log.secret('s');
    },
    ['::add-mask::s'],
  ],
];

for (const [name, act, out] of table)
  test(`log: ${name}`, async () => assert.deepEqual(await linesOf(act), out));

for (const open of [
  'application/vnd.oci.image.index.v1+json',
  `sha256:${'9ab1'.repeat(16)}`,
  'linux/arm64/v8,linux/amd64',
  'ghcr.io/acme/app:Feature-12',
]) {
  test(`log: a server cannot hide ${open} by choosing it as its token`, async () => {
    const inputs = { INPUT_TAGS: 'ghcr.io/acme/app:Feature-12' };
    assert.deepEqual(await linesOf((log) => log.secret(open, 'server'), inputs), []);
    assert.notDeepEqual(await linesOf((log) => log.secret(open), inputs), []);
  });
}

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

const failures: readonly (readonly [name: string, given: unknown, out: RegExp])[] = [
  [
    'an expected failure: message, code, hint',
    new AuthError('DENIED', 'denied: ghcr.io refused', { hint: 'Give the job packages: write.' }),
    /^::error title=Access denied::denied: ghcr\.io refused \[DENIED\]%0AGive the job packages: write\.%0Adocs\/TROUBLESHOOTING\.md#denied$/,
  ],
  [
    'its cause stays out of sight',
    new NetworkError('CONNECTION', 'no', { cause: new Error('password=hunter2') }),
    /^::error title=Registry not reachable::no \[CONNECTION\]%0ARead more about this error .*%0Adocs\/TROUBLESHOOTING\.md#connection$/,
  ],
  [
    'one problem of the inputs',
    new InputError([{ input: 'tags', line: 2, message: '"x" has no tag' }]),
    /^::error title=Invalid input::Invalid input:%0Atags line 2: "x" has no tag%0ACorrect the inputs .*%0Adocs\/TROUBLESHOOTING\.md#input$/,
  ],
  [
    'several problems of the inputs',
    new InputError([
      { input: 'tags', message: 'a' },
      { input: 'sources', line: 1, message: 'b' },
    ]),
    /^::error title=Invalid input::2 invalid inputs:%0Atags: a%0Asources line 1: b%0ACorrect /,
  ],
  [
    'a bug, with its stack',
    new RangeError('oops'),
    /^::error title=Bug in multiarch-manifest-action::This is a bug .*Please report .*%0ARangeError: oops%0A.*log\.test/,
  ],
  [
    'something thrown that is no error',
    'text',
    /^::error title=Bug in multiarch-manifest-action::This is a bug .*%0Atext$/,
  ],
  [
    'hostile text in a message',
    new NetworkError('CONNECTION', 'x\n::error::y\u001b[31m'),
    /^::error title=Registry not reachable::x%0A:\u200b:error::y\\x1b\[31m \[CONNECTION\]%0A/,
  ],
];

const reportOf = (failure: ReportedFailure): Report => ({
  status: 'failed',
  failure,
  tags: [],
  sources: [],
  warnings: [],
});
const environmentless = { environment: {}, input: () => '' };

for (const [name, error, out] of failures)
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
