/** The reports whose summaries are looked at as pictures. */
import type { Report } from '../../src/actions/summary/report.ts';
import { everyday } from './everyday.ts';
import { hostile, hostileFailure, hostileTexts } from './hostile-reports.ts';
import { inspected, inspections } from './inspections.ts';
import { large, largeFailure, longWord } from './large-reports.ts';
import { digestOf } from './made-list.ts';
import { firstRelease, found, release, releaseWithout386, target, unchanged } from './releases.ts';

/** Everyday runs; the pictures of the documentation show such runs, too. */
export const shown: Readonly<Record<string, Report>> = {
  published: { status: 'published', lists: [release('published')], warnings: [] },
  compared: inspected,
};

const removal =
  'The new list lacks platforms that clients get from ghcr.io/acme/app:latest today: linux/386 (its clients get nothing). It has linux/amd64, linux/arm64, linux/arm/v7, linux/riscv64. If that is intended, set removed-platforms to "allow".';

/** Runs that are unusual, large or hostile. */
export const unusual: Readonly<Record<string, Report>> = {
  moved: { status: 'published', lists: [releaseWithout386('published')], warnings: [removal] },
  'dry-run': {
    status: 'dry-run',
    lists: [releaseWithout386('dry-run')],
    warnings: [removal],
  },
  deferred: {
    status: 'deferred',
    tags: ['1.4.0', '1.4', 'latest'].map((tag) => target(`ghcr.io/acme/app:${tag}`)),
    sources: [
      found('ghcr.io/acme/app:run-4711-linux-amd64', 'linux/amd64'),
      found('ghcr.io/acme/app:run-4711-linux-arm64', 'linux/arm64'),
      { name: 'ghcr.io/acme/app:run-4711-linux-arm-v7', state: 'missing' },
    ],
    warnings: [],
  },
  failed: {
    status: 'failed',
    failure: {
      code: 'SOURCE_MISSING',
      title: 'A source does not exist',
      cause: 'sources line 2: ghcr.io/acme/app:1.4.0-arm64 does not exist (waited 15 s)',
      remedy:
        'Check that the job that pushes it ran before this step; a build without `push: true` leaves it on its machine. Check the spelling. Registries also answer "not found" for a private repository that the login may not read.',
      page: 'https://github.com/OWNER/multiarch-manifest-action/blob/v1/docs/TROUBLESHOOTING.md#source_missing',
    },
    sources: [
      found('ghcr.io/acme/app:1.4.0-amd64', 'linux/amd64'),
      { name: 'ghcr.io/acme/app:1.4.0-arm64', state: 'missing' },
      {
        name: 'registry.example.com/acme/app:1.4.0-armv7',
        state: 'refused',
        reason: 'registry.example.com denied the pull (403)',
      },
    ],
    tags: [
      { ...target('ghcr.io/acme/app:1.4.0'), state: 'untouched' },
      { ...target('ghcr.io/acme/app:latest'), state: 'untouched', held: digestOf('1.3.2') },
    ],
    warnings: [],
  },
  first: { status: 'published', lists: [firstRelease()], warnings: [] },
  unchanged: { status: 'published', lists: [unchanged()], warnings: [] },
  'several lists': {
    status: 'published',
    lists: ['app', 'worker', 'migrations'].map((name) => firstRelease(name)),
    warnings: ['worker: Docker and OCI images are mixed.'],
  },
  'twenty lists': {
    status: 'published',
    lists: Array.from({ length: 20 }, (_, at) =>
      at % 2 === 0 ? firstRelease(`service-${at}`) : release('published'),
    ),
    warnings: [],
  },
  'several long lists': { status: 'published', lists: [large(), large()], warnings: [longWord] },
  'half moved': {
    status: 'failed',
    failure: {
      code: 'TAGS_FAILED',
      title: 'A tag could not be set',
      cause:
        '1 of 5 tags could not be set:\nghcr.io/acme/app:1: not changed: ghcr.io denied the push of ghcr.io/acme/app:1 (403)',
      remedy: 'Give the job `packages: write`, then run it again.',
    },
    sources: [],
    tags: [
      {
        ...target('ghcr.io/acme/app:1'),
        state: 'untouched',
        why: 'ghcr.io denied the push of ghcr.io/acme/app:1 (403)',
      },
      { ...target('ghcr.io/acme/app:1.4'), state: 'restored', held: digestOf('1.3.2') },
      { ...target('ghcr.io/acme/app:1.4.0'), state: 'created', held: digestOf('new') },
      { ...target('ghcr.io/acme/app:latest'), state: 'overtaken', held: digestOf('other') },
      { ...target('ghcr.io/acme/app:edge'), state: 'unknown', why: 'ghcr.io did not answer in time' },
    ],
    warnings: ['ghcr.io asked to wait for 30 s.'],
  },
  'a bug': {
    status: 'failed',
    failure: {
      title: 'This is a bug of multiarch-manifest-action',
      cause: `TypeError: x is not a function\n${'    at publish (src/actions/publish.ts:1:1)\n'.repeat(40)}`,
      remedy: 'Please report it with this text.',
    },
    sources: [],
    tags: [],
    warnings: [],
  },
  'large and long': { status: 'published', lists: [large()], warnings: [longWord, `Mind ${longWord}.`] },
  'large and failed': largeFailure(),
  hostile: { status: 'published', lists: [hostile()], warnings: hostileTexts() },
  'hostile and failed': hostileFailure(),
  'hostile and deferred': {
    status: 'deferred',
    tags: [target('ghcr.io/acme/app:1')],
    sources: hostileTexts().map((name) => ({ name, state: 'missing' })),
    warnings: hostileTexts(),
  },
  ...everyday,
  ...inspections,
};
