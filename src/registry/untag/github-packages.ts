import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { formatReference } from '../../oci/reference.ts';
import type { Clock } from '../../run/clock.ts';
import { withContext } from '../../run/errors.ts';
import { pollUntil } from '../../run/poll.ts';
import type { RegistryClient } from '../client.ts';
import { notRemovable } from './removal-error.ts';
import type { StagingTag, TagRemover } from './staging-tag.ts';
import { provideStandInContent, standIn } from './stand-in.ts';

/** A container package: `app/web` of `acme` is ghcr.io/acme/app/web. */
export interface ContainerPackage {
  readonly owner: string;
  readonly name: string;
}

/** A version of a package: a digest and its tags. */
export interface PackageVersion {
  readonly id: number;
  readonly tags: readonly string[];
}

/** The versions of container packages in GitHub's API. Every method throws ActionError when the API refuses. */
export interface GithubPackages {
  /** The version with this digest; undefined when the API does not list it. */
  findVersion(container: ContainerPackage, digest: Digest): Promise<PackageVersion | undefined>;
  deleteVersion(container: ContainerPackage, version: PackageVersion): Promise<void>;
}

/** The services that remove tags of GitHub's registry. */
interface GithubContext {
  readonly client: RegistryClient;
  readonly packages: GithubPackages;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
}

/** Milliseconds that GitHub's API may take to list a manifest that its registry has just accepted. */
const maxListingDelay = 20_000;

const hint =
  'Pass a token with `packages: write` in `github-token`, and give the repository the role Admin on the package (package settings, Manage Actions access). Never delete the version of an image that a list needs.';

/**
 * Removes tags of GitHub's registry, which has no request for this. A package version is a digest with its tags, so an
 * empty placeholder manifest (stand-in) is pushed to the tag, and the version with its digest and no other tag is
 * deleted. If the API lists anything else, the tag is set back to its manifest.
 * https://docs.github.com/en/rest/packages/packages
 */
export function githubRemover(context: GithubContext): TagRemover {
  return async (tag) => {
    const container = packageOf(tag);
    const held = await context.packages.findVersion(container, tag.manifest.digest);
    // Before anything is written: the API must be readable, and know the tag where the registry serves it.
    if (held?.tags.includes(tag.tag) !== true) {
      throw notRemovable(tag, 'The packages API of GitHub does not list the tag', hint);
    }
    const manifest = standIn();
    await provideStandInContent(context.client, tag.repository);
    try {
      await context.client.putManifest(tag.repository, tag.tag, manifest);
      await deleteStandIn(tag, manifest, container, context);
      await waitUntilFree(tag, manifest, context);
    } catch (error) {
      throw await putBack(tag, manifest, error, context);
    }
  };
}

function packageOf(tag: StagingTag): ContainerPackage {
  const [owner = '', ...rest] = tag.repository.path.split('/');
  if (rest.length === 0) throw notRemovable(tag, 'The tag is not in a package of GitHub', hint);
  return { owner, name: rest.join('/') };
}

async function deleteStandIn(
  tag: StagingTag,
  { digest }: Manifest,
  container: ContainerPackage,
  { packages, clock }: GithubContext,
): Promise<void> {
  const retryUntil = clock.now() + maxListingDelay;
  const version = await pollUntil(clock, { first: 500, max: 4000 }, async () => {
    const found = await packages.findVersion(container, digest);
    if (found?.tags.includes(tag.tag) === true) return { result: found };
    return { retryUntil, otherwise: () => found };
  });
  const [only, ...others] = version?.tags ?? [];
  if (version === undefined || only !== tag.tag || others.length > 0) {
    throw notRemovable(
      tag,
      'The packages API of GitHub does not list the placeholder with only this tag',
      hint,
    );
  }
  await packages.deleteVersion(container, version);
}

// The API answers 404 for what is deleted already, and for what the token may not delete.
async function waitUntilFree(
  tag: StagingTag,
  { digest }: Manifest,
  { client, clock }: GithubContext,
): Promise<void> {
  const retryUntil = clock.now() + maxListingDelay;
  await pollUntil<void>(clock, { first: 500, max: 4000 }, async () => {
    if ((await client.headManifest(tag.repository, tag.tag))?.digest !== digest) return { result: undefined };
    const otherwise = (): never => {
      throw notRemovable(tag, 'The packages API of GitHub did not delete the stand-in', hint);
    };
    return { retryUntil, otherwise };
  });
}

// Only a tag that still holds the stand-in is written: another run may have pushed it since.
async function putBack(
  { repository, tag, manifest }: StagingTag,
  { digest }: Manifest,
  cause: unknown,
  { client }: GithubContext,
): Promise<unknown> {
  const name = formatReference({ repository, tag });
  try {
    const held = await client.headManifest(repository, tag);
    if (held?.digest !== digest) return cause;
    await client.putManifest(repository, tag, manifest);
    return withContext(`${name} holds ${manifest.digest} again`, cause);
  } catch (error) {
    return withContext(`${name} holds an empty placeholder now, not ${manifest.digest}`, error);
  }
}
