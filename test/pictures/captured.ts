/** Summaries that runs of the actions wrote: a release on a registry with the name of ghcr.io, and its inspection. */
import { type ImageOptions, makeImage, makeIndex, type TestContent } from '../support/images/images.ts';
import { pushImage } from '../support/registry/push-image.ts';
import { defaultAccount } from '../support/registry/registry-auth.ts';
import { digestText } from '../support/registry/registry-store.ts';
import { type ActionInputs, runAction } from '../support/run/run-action.ts';
import { type Closing, startNamed } from '../support/tokens/named-registry.ts';

const registry = 'ghcr.io';
const repository = 'acme/app';
const app = `${registry}/${repository}`;
const sizes = { amd64: 41_810_830, arm64: 39_404_918, 'arm/v7': 36_126_754, riscv64: 44_009_023 };

/** The Markdown of each summary, by name; throws if a run fails. */
export async function captureSummaries(): Promise<Readonly<Record<string, string>>> {
  const closing: (() => unknown)[] = [];
  try {
    const after: Closing['test']['after'] = (close) => closing.push(close);
    return await capture({ test: { after } });
  } finally {
    for (const close of closing) await close();
  }
}

async function capture(t: Closing): Promise<Readonly<Record<string, string>>> {
  const { registry: held, env } = await startNamed(t, registry, {
    kind: 'bearer',
    service: registry,
    challenge: ({ scope = '' }) => [
      `Bearer realm="https://${registry}/token",service="${registry}",scope="${scope}"`,
    ],
  });
  const push = async (tag: string, content: TestContent): Promise<void> => {
    for (const { digest, size } of [content, ...content.children].flatMap(
      ({ document }) => document.layers ?? [],
    ))
      held.addBlob(repository, { digest, size });
    await pushImage(held, repository, tag, content);
  };
  const earlier = makeIndex(imagesOf('1.3.2').slice(0, 3), { attestations: true });
  for (const tag of ['1.3.2', 'latest']) await push(tag, earlier);
  for (const image of imagesOf('1.4.0'))
    await push(`1.4.0-${slugOf(image)}`, makeIndex([image], { attestations: true }));
  const login = [{ registry, username: defaultAccount.username, password: defaultAccount.password }];
  const run = async (action: 'publish' | 'inspect', inputs: ActionInputs): Promise<string> => {
    const { exitCode, stdout, summary } = await runAction(
      action,
      { ...inputs, 'registry-auth': JSON.stringify(login) },
      { env },
    );
    if (exitCode !== 0) throw new Error(stdout);
    return summary;
  };
  const platforms = Object.keys(sizes)
    .map((name) => `linux/${name}`)
    .join();
  const published = await run('publish', {
    tags: `${app}:1.4.0\n${app}:1.4\n${app}:latest`,
    sources: `${app}:1.4.0-{platform}`,
    platforms,
  });
  const compared = await run('inspect', {
    image: `${app}:1.4.0`,
    'compare-with': `${app}:1.3.2`,
    'expect-platforms': platforms,
  });
  return { published, compared };
}

function imagesOf(version: string): readonly TestContent[] {
  return Object.entries(sizes).map(([name, size]) => {
    const bigLayers: ImageOptions['bigLayers'] = [
      {
        size: version === '1.3.2' ? size - 1_291_847 : size,
        digest: digestText(Buffer.from(version + name)),
      },
    ];
    return makeImage(`linux/${name}`, { name: version, bigLayers });
  });
}

function slugOf({ platform }: TestContent): string {
  return [platform?.os, platform?.architecture, platform?.variant].filter(Boolean).join('-');
}
