/** Runs that people see every week, beside those that the documentation shows. */
import type { Report } from '../../src/actions/summary/report.ts';
import { digestOf, madeResult, madeTag } from './made-list.ts';
import { firstRelease, found, release, target } from './releases.ts';

const long = 'registry.example.com:5000/platform-team/payment-services/checkout-worker';
const longRelease = release('published');
const nameOf = (at: number) => ['app', 'worker', 'migrations', 'web', 'documentation'][at] ?? '';

export const everyday: Readonly<Record<string, Report>> = {
  'two repositories': {
    status: 'published',
    lists: [
      {
        ...longRelease,
        tags: [
          ...longRelease.tags,
          ...longRelease.tags.map((tag) => ({ ...tag, ...target(`docker.io/acme/app:${tag.tag}`) })),
        ],
      },
    ],
    warnings: [],
  },
  'thirty tags': {
    status: 'published',
    lists: [
      {
        ...longRelease,
        tags: Array.from({ length: 30 }, (_, at) =>
          madeTag(`ghcr.io/acme/app:1.4.${at}`, at === 0 ? 'created' : 'moved', digestOf('1.3.2')),
        ),
      },
    ],
    warnings: [],
  },
  'five lists': {
    status: 'published',
    lists: Array.from({ length: 5 }, (_, at) => ({
      ...(at === 2 ? release('published') : firstRelease()),
      tags: ['1.4.0', '1.4', '1', 'latest'].map((tag) => {
        return madeTag(
          `ghcr.io/acme/${nameOf(at)}:${tag}`,
          tag === '1.4.0' ? 'created' : 'moved',
          digestOf('1.3.2'),
        );
      }),
    })),
    warnings: [],
  },
  'long names': {
    status: 'published',
    lists: [
      madeResult(
        {
          images: [
            {
              platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.2227' },
              size: 121_004_118,
              source: `${long}:pull-request-1234-windows-ltsc2022`,
            },
            { platform: 'linux/arm/v7', size: 36_127_954, source: `${long}:pull-request-1234-linux-arm-v7` },
          ],
          tags: [
            madeTag(`${long}:pull-request-1234-a1b2c3d4e5f6a7b8c9d0`, 'created'),
            madeTag(
              `${long}:pull-request-1234-with-a-branch-name-of-sixty-characters-or-more`,
              'moved',
              digestOf('x'),
            ),
          ],
        },
        {
          before: {
            tag: 'pull-request-1234-with-a-branch-name-of-sixty-characters-or-more',
            digest: digestOf('x'),
            entries: [],
          },
        },
      ),
    ],
    warnings: [],
  },
  cancelled: {
    status: 'cancelled',
    failure: { title: 'Cancelled', cause: 'The job was cancelled.' },
    sources: [
      found('ghcr.io/acme/app:1.4.0-amd64', 'linux/amd64'),
      found('ghcr.io/acme/app:1.4.0-arm64', 'linux/arm64'),
    ],
    tags: [
      { ...target('ghcr.io/acme/app:1.4.0'), state: 'created', held: digestOf('new') },
      { ...target('ghcr.io/acme/app:latest'), state: 'restored', held: digestOf('1.3.2') },
    ],
    warnings: [],
  },
  purged: {
    status: 'purged',
    mode: 'purge',
    tags: ['amd64', 'arm64', 'arm-v7'].map((name) => ({
      name: `ghcr.io/acme/app:run-4711-linux-${name}`,
      state: 'removed',
    })),
    drafts: [{ name: 'docker-manifest:ghcr.io/acme/app:1.4.0', state: 'removed' }],
    warnings: [],
  },
  'purge refused': {
    status: 'purged',
    mode: 'purge',
    tags: ['amd64', 'arm64'].map((name) => ({
      name: `ghcr.io/acme/app:run-4711-linux-${name}`,
      state: 'refused',
    })),
    drafts: [],
    warnings: ['ghcr.io/acme/app:run-4711-linux-amd64 was not removed: ghcr.io denied it (403)'],
  },
  'purged nothing': {
    status: 'purged',
    mode: 'purge',
    tags: [{ name: 'ghcr.io/acme/app:run-4711-linux-amd64', state: 'absent' }],
    drafts: [],
    warnings: [],
  },
};
