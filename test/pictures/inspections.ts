/** Inspections as reports: everyday ones, one that fails, large and hostile ones. */
import type { InspectionReport } from '../../src/actions/summary/report.ts';
import { compareImages } from '../../src/inspection/comparison.ts';
import type { InspectedDocument } from '../../src/inspection/document.ts';
import type { InspectRequest } from '../../src/inspection/inspection.ts';
import { parsePlatform } from '../../src/oci/platform.ts';
import { makeImage, makeIndex, type TestContent } from '../support/images/images.ts';
import { documentOf, inspectionOf } from '../support/rigs/inspection-rig.ts';
import { hostileTexts } from './hostile-reports.ts';
import { longWord } from './large-reports.ts';

const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];
const image = (platform: string, name = 'app'): TestContent => makeImage(platform, { name });

const list = makeIndex([...platforms.map((platform) => image(platform)), image('linux/s390x')], {
  attestations: true,
});
const earlier = makeIndex([image('linux/amd64'), image('linux/arm64', 'older'), image('linux/386')]);

async function report(
  document: InspectedDocument,
  request: Partial<InspectRequest> = {},
  before?: InspectedDocument,
): Promise<InspectionReport> {
  const changes = before === undefined ? [] : compareImages(before, document);
  const inspection = { ...inspectionOf(document, request), before, changes };
  return { status: 'inspected', inspection, warnings: [] };
}

const expectPlatforms = platforms.map(parsePlatform);

async function compared(): Promise<InspectionReport> {
  const before = { ...(await documentOf(earlier)), name: 'ghcr.io/acme/app:1.3.2' };
  return report({ ...(await documentOf(list)), name: 'ghcr.io/acme/app:1.4.0' }, { expectPlatforms }, before);
}

async function failed(): Promise<InspectionReport> {
  const gone = list.children[1]?.digest ?? '';
  return {
    ...(await report(await documentOf(list, [gone]), { expectPlatforms })),
    failure: {
      code: 'EXPECTATION',
      title: 'Not as expected',
      cause: `ghcr.io/acme/app:1 is not as expected:\nlinux/arm64 is listed, but broken: ghcr.io did not find ghcr.io/acme/app@${gone} (404)`,
      remedy: 'Find out what pushed it last, or correct `expect-platforms` and `expect-digest`.',
      page: 'https://github.com/OWNER/multiarch-manifest-action/blob/v1/docs/TROUBLESHOOTING.md#expectation',
    },
    warnings: [`ghcr.io/acme/app:1: ghcr.io did not find ghcr.io/acme/app@${gone} (404)`],
  };
}

function entriesOf(count: number, name: string): TestContent {
  const content = image('linux/amd64', name);
  const entries = Array.from({ length: count }, (_, at) => {
    return {
      content,
      platform: {
        os: 'linux',
        architecture: `arch${at}${at % 9 === 0 ? longWord : ''}`.replaceAll(/[^\w]/g, ''),
      },
    };
  });
  return makeIndex(entries, { attestations: true });
}

async function large(): Promise<InspectionReport> {
  const name = `ghcr.io/acme/${'a-very-long-name/'.repeat(10)}app:1`;
  const before = { ...(await documentOf(entriesOf(60, 'older'))), name: `${name}.0` };
  return report({ ...(await documentOf(entriesOf(64, 'newer'))), name }, { expectPlatforms }, before);
}

async function hostile(): Promise<InspectionReport> {
  const images = hostileTexts().map((text) => {
    // Parsers refuse control characters.
    return makeImage({
      os: 'windows',
      architecture: 'amd64',
      'os.version': text.replaceAll(/\p{Cc}/gu, ' '),
    });
  });
  const document = await documentOf(makeIndex(images, { attestations: true }));
  return { ...(await report(document)), warnings: hostileTexts() };
}

/** A name that nothing could be read by. */
function unread(): InspectionReport {
  const text = hostileTexts().join('\n');
  const failure = { code: 'NOT_FOUND', title: text, cause: text, remedy: text };
  return { status: 'inspected', name: text, failure, warnings: [] };
}

/** An everyday inspection. */
export const inspected: InspectionReport = await compared();

/** The other scenes, by name. */
export const inspections: Readonly<Record<string, InspectionReport>> = {
  inspected: await report(await documentOf(list)),
  'inspected an image': await report(await documentOf(image('linux/arm64'))),
  'inspected and failed': await failed(),
  'inspected, large and long': await large(),
  'inspected, hostile': await hostile(),
  'inspected nothing, hostile': unread(),
};
