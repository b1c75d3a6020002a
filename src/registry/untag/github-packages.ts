import { randomUUID } from 'node:crypto';
import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { ActionError, NetworkError, withContext } from '../../run/errors.ts';
import type { Observer } from '../../run/observer.ts';
import { pollUntil } from '../../run/poll.ts';
import { placeholder } from '../placeholder.ts';
import { notRemovable } from './removal-error.ts';
import { remedyFor } from './removals.ts';
import { type StagingTag, tagName } from './staging-tag.ts';
import {
  type LookContext,
  lookAt,
  providePlaceholderContent,
  TagChangedError,
  type TagRemover,
  waitUntilGone,
  whileHeld,
} from './tag-remover.ts';

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

interface GithubContext extends LookContext {
  readonly packages: GithubPackages;
  readonly observer: Pick<Observer, 'info'>;
}

/** How long GitHub's API may take to list a manifest that its registry has just accepted. */
const listing = { first: 500, max: 4000, time: 20_000 };

const hint =
  'Pass a token with `packages: write` in `github-token`, and give the repository the role Admin on the package (package settings, Manage Actions access). Never delete the version of an image that a list needs.';

/**
 * Removes tags of GitHub's registry, which has no request for this. A package version is a digest with its tags, so an
 * empty placeholder is pushed to the tag, and the version with its digest and no other tag is deleted. Whatever fails
 * in between, and a cancellation, sets the tag back to its manifest.
 * https://docs.github.com/en/rest/packages/packages, https://github.com/dataaxiom/ghcr-cleanup-action/issues/63
 */
export function githubRemover(context: GithubContext): TagRemover {
  const ask = (tag: StagingTag) => checkListed(tag, context);
  return {
    ask,
    remove: async (tag) => {
      // Before anything is written: the API must be readable, and know the tag where the registry serves it.
      await context.cancellation.reading(ask(tag));
      await context.cancellation.reading(providePlaceholderContent(context.client, tag.repository));
      if ((await lookAt(tag, context)) === 'absent') return 'absent';
      return new Replacement(tag, context).remove();
    },
  };
}

async function checkListed(tag: StagingTag, { packages }: GithubContext): Promise<void> {
  const held = await packages.findVersion(packageOf(tag), tag.manifest.digest);
  if (held?.tags.includes(tag.tag) === true) return;
  throw notRemovable(tag, 'The packages API of GitHub does not list the tag', hint);
}

function packageOf(tag: StagingTag): ContainerPackage {
  const [owner = '', ...rest] = tag.repository.path.split('/');
  if (rest.length === 0) throw notRemovable(tag, 'The tag is not in a package of GitHub', hint);
  return { owner, name: rest.join('/') };
}

/** A tag that gets a placeholder, until both are gone or the tag holds its manifest again. */
class Replacement {
  readonly #tag: StagingTag;
  readonly #placeholder: Manifest = placeholder(randomUUID());
  readonly #context: GithubContext;
  /** Whether the push of the placeholder was answered: otherwise it may still take effect. */
  #push: 'open' | 'answered' = 'open';

  constructor(tag: StagingTag, context: GithubContext) {
    this.#tag = tag;
    this.#context = context;
  }

  async remove(): Promise<'removed'> {
    const { removals, cancellation, observer } = this.#context;
    // A runner that is lost now leaves nothing but this line.
    observer.info(`${tagName(this.#tag)} holds ${this.#tag.manifest.digest}, and now gets a placeholder`);
    removals.mark(this.#tag, 'placeholder');
    try {
      await cancellation.writing(this.#pushPlaceholder());
      await this.#deletePlaceholder();
      // The API answers 404 for what is deleted already, and for what the token may not delete.
      const failure = notRemovable(
        this.#tag,
        'The packages API of GitHub did not delete the placeholder',
        hint,
      );
      await waitUntilGone({ ...this.#tag, manifest: this.#placeholder }, this.#context, listing, failure);
    } catch (error) {
      await this.#putBack(error);
    }
    return 'removed';
  }

  async #pushPlaceholder(): Promise<void> {
    const { client, cancellation } = this.#context;
    const { repository, tag } = this.#tag;
    const isHeld = whileHeld(this.#context, this.#tag);
    try {
      await client.putManifest(repository, tag, this.#placeholder, async () => {
        cancellation.checkGoingOn();
        await isHeld();
      });
    } catch (error) {
      if (!(error instanceof NetworkError)) this.#push = 'answered';
      throw error;
    }
    this.#push = 'answered';
  }

  async #deletePlaceholder(): Promise<void> {
    const { packages, cancellation } = this.#context;
    const container = packageOf(this.#tag);
    const { clock } = cancellation;
    const retryUntil = clock.now() + listing.time;
    const version = await pollUntil(clock, listing, async () => {
      const found = await cancellation.reading(packages.findVersion(container, this.#placeholder.digest));
      if (found?.tags.includes(this.#tag.tag) === true) return { result: found };
      return { retryUntil, otherwise: () => found };
    });
    const [only, ...others] = version?.tags ?? [];
    if (version === undefined || only !== this.#tag.tag || others.length > 0) {
      const message = 'The packages API of GitHub does not list the placeholder with only this tag';
      throw notRemovable(this.#tag, message, hint);
    }
    cancellation.checkGoingOn();
    await cancellation.writing(packages.deleteVersion(container, version));
  }

  /** Sets the tag to its manifest if it holds the placeholder, and throws; a tag that is gone was removed. */
  async #putBack(cause: unknown): Promise<void> {
    const { removals } = this.#context;
    const held = await this.#restore().catch((error: unknown) => {
      throw this.#uncertain(error);
    });
    if (held === undefined) return;
    if (held === this.#placeholder.digest) {
      removals.mark(this.#tag, 'put back');
      throw withContext(`${tagName(this.#tag)} holds ${this.#tag.manifest.digest} again`, cause);
    }
    if (held !== this.#tag.manifest.digest) throw new TagChangedError(this.#tag, held);
    if (this.#push === 'open') throw this.#uncertain(cause);
    removals.mark(this.#tag, 'left');
    throw cause;
  }

  async #restore(): Promise<Digest | undefined> {
    const { client } = this.#context;
    const { repository, tag, manifest } = this.#tag;
    const held = (await client.headManifest(repository, tag))?.digest;
    if (held !== this.#placeholder.digest) return held;
    const isReplaced = whileHeld(this.#context, { ...this.#tag, manifest: this.#placeholder });
    await client.putManifest(repository, tag, manifest, isReplaced);
    return held;
  }

  #uncertain(error: unknown): unknown {
    if (!(error instanceof ActionError)) return error;
    const state = `${tagName(this.#tag)} holds an empty placeholder, or may still get one, not ${this.#tag.manifest.digest}`;
    const remedy = remedyFor(this.#tag);
    return new ActionError(error.code, `${state}: ${error.message}`, { hint: remedy, cause: error });
  }
}
