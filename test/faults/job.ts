/** Jobs that a sweep disturbs: registries with content, what is to be published, and what must come of it. */

import type { Inputs } from '../../src/actions/input/inputs.ts';
import { collectAnnotations } from '../../src/oci/annotations.ts';
import { parseReference } from '../../src/oci/reference.ts';
import type { ListRequest, PublishRequest, TargetTag } from '../../src/pipeline/request.ts';
import { parseSources } from '../../src/sources/input/parse-sources.ts';
import { makeArtifact, makeImage, makeIndex, type TestContent } from '../support/images/images.ts';
import { startRegistry, type TestRegistry } from '../support/registry/registry.ts';
import type { RegistryOptions } from '../support/registry/registry-options.ts';

/** A tag that the job is to set. */
export interface WatchedTag {
  readonly registry: TestRegistry;
  readonly repository: string;
  readonly tag: string;
  /** Its digest before the run; undefined when it is new. */
  readonly before: string | undefined;
  /** The images of the list that it is to hold, in order. */
  readonly images: readonly TestContent[];
}

/** A job ready to run, on registries of its own. */
export interface Stage {
  readonly registries: readonly TestRegistry[];
  readonly inputs: Inputs;
  readonly tags: readonly WatchedTag[];
  /** Signatures that must go along. */
  readonly signatures: readonly TestContent[];
}

export interface Job {
  readonly name: string;
  /** Whether a request is disturbed; every request unless it is said. */
  isDisturbed?(request: string): boolean;
  prepare(): Promise<Stage>;
}

interface JobOptions {
  readonly name: string;
  readonly platforms: readonly string[];
  /** `repository:tag`. */
  readonly tags: readonly string[];
  /** Tags that hold something before. */
  readonly existing: readonly string[];
  /** Where the images are: beside the tags, in another repository, or in another registry. */
  readonly images: 'beside' | 'another repository' | 'another registry';
  readonly registry?: RegistryOptions;
  /** The first image has a signature. */
  readonly signed?: boolean;
}

const signatureType = 'application/vnd.example.signature.v1';

const seven = [
  'linux/amd64',
  'linux/arm64',
  'linux/arm/v7',
  'linux/arm/v6',
  'linux/386',
  'linux/ppc64le',
  'linux/s390x',
];

/** The main job, and the same with logins. */
export const mainJobs: readonly Job[] = [
  job({
    name: '7 sources, 2 tags',
    platforms: seven,
    tags: ['app:1', 'app:latest'],
    existing: ['app:latest'],
    images: 'beside',
  }),
  job({
    name: '7 sources, 2 tags, bearer tokens',
    platforms: seven,
    tags: ['app:1', 'app:latest'],
    existing: ['app:1', 'app:latest'],
    images: 'beside',
    registry: { auth: 'bearer' },
  }),
  job({
    name: '1 tag, basic login',
    platforms: seven.slice(0, 2),
    tags: ['app:latest'],
    existing: ['app:latest'],
    images: 'beside',
    registry: { auth: 'basic' },
  }),
];

/** A job that copies images, one of them signed, from another repository of the registry. */
export const copyFromRepository: Job = job({
  name: '2 sources of another repository, one signed',
  platforms: seven.slice(0, 2),
  tags: ['app:1', 'app:latest'],
  existing: ['app:latest'],
  images: 'another repository',
  signed: true,
});

/** A job that copies images from another registry. */
export const copyFromRegistry: Job = job({
  name: '2 sources of another registry',
  platforms: seven.slice(0, 2),
  tags: ['app:1', 'app:latest'],
  existing: ['app:latest'],
  images: 'another registry',
});

const two = seven.slice(0, 2);

/** A job of several repositories of one registry, which hold the images already. */
export const severalRepositories: Job = {
  name: '3 repositories, 6 tags',
  isDisturbed: isWriteOfTags,
  prepare: () => {
    const tags = ['app:1', 'app:latest', 'web:1', 'web:latest', 'api:1', 'api:latest'];
    const images = two.map((platform) => makeImage(platform));
    return prepareBeside([{ tags, images }], tags.slice(1));
  },
};

/** A job of two lists of one registry. */
export const severalLists: Job = {
  name: '2 lists, 4 tags',
  isDisturbed: isWriteOfTags,
  prepare: () => {
    const lists = ['app', 'web'].map((name) => {
      const images = two.map((platform) => makeImage(platform, { name }));
      return { tags: [`${name}:1`, `${name}:latest`], images };
    });
    return prepareBeside(lists, ['app:latest', 'web:1', 'web:latest']);
  },
};

// Only these jobs have writes of tags that depend on each other. One repository and the new tag stand for all.
function isWriteOfTags(request: string): boolean {
  return /^PUT .*\/(?:web\/manifests\/|app\/manifests\/1 )/.test(request);
}

interface ListBeside {
  readonly tags: readonly string[];
  readonly images: readonly TestContent[];
}

/** Lists whose images are in every repository that they are published to. */
async function prepareBeside(lists: readonly ListBeside[], existing: readonly string[]): Promise<Stage> {
  const registry = await startRegistry();
  const before = makeIndex([makeImage('linux/amd64', { name: 'before' })]);
  for (const name of existing) place(registry, name, before);
  for (const { tags, images } of lists) {
    for (const repository of new Set(tags.map((name) => name.split(':')[0] ?? '')))
      for (const [at, image] of images.entries()) place(registry, `${repository}:image-${at}`, image);
  }
  const requests = lists.map(({ tags: [first = '', ...others], images }) => {
    const repository = first.split(':')[0];
    const lines = images.map((_, at) => `${registry.host}/${repository}:image-${at}`);
    return listOf(registry, [first, ...others], lines);
  });
  return {
    registries: [registry],
    signatures: [],
    inputs: inputsOf(registry, requests),
    tags: lists.flatMap(({ tags, images }) => tags.map((name) => watched(registry, name, images))),
  };
}

function job(options: JobOptions): Job {
  const images = options.platforms.map((platform) => makeImage(platform));
  const signed = options.signed === true ? images.slice(0, 1) : [];
  const signatures = signed.map((subject) => makeArtifact({ artifactType: signatureType, subject }));
  const before = makeIndex([makeImage('linux/amd64', { name: 'before' })]);
  const prepare = async (): Promise<Stage> => {
    const target = await startRegistry(options.registry);
    const registries = [target];
    if (options.images === 'another registry') registries.push(await startRegistry(options.registry));
    const source = registries.at(-1) ?? target;
    const repository = options.images === 'another repository' ? 'build' : 'app';
    for (const [at, image] of images.entries()) place(source, `${repository}:image-${at}`, image);
    for (const signature of signatures) place(source, repository, signature);
    for (const name of options.existing) place(target, name, before);
    const lines = images.map((_, at) => `${source.host}/${repository}:image-${at}`);
    return {
      registries,
      signatures,
      inputs: inputsOf(target, [listOf(target, options.tags, lines)]),
      tags: options.tags.map((name) => watched(target, name, images)),
    };
  };
  return { name: options.name, prepare };
}

function listOf(registry: TestRegistry, tags: readonly string[], lines: readonly string[]): ListRequest {
  return {
    tags: tags.map((name) => targetTag(registry, name)),
    platforms: [],
    sources: parseSources(lines.join('\n'), []).lines,
    annotations: collectAnnotations([]),
    format: 'auto',
    index: 'always',
    attestations: 'keep',
    platformMismatch: 'error',
    revisionMismatch: 'warn',
    duplicatePlatforms: 'error',
    missingPlatforms: 'refuse',
    base: 'replace',
    removedPlatforms: 'warn',
    immutableTags: [],
    forwardOnlyTags: [],
  };
}

function inputsOf(registry: TestRegistry, lists: readonly ListRequest[]): Inputs {
  const request: PublishRequest = {
    lists,
    missingSources: 'error',
    form: 'inputs',
    waitForSources: 15_000,
    mode: 'push',
    drafts: 'keep',
    sourceTags: 'keep',
    referrers: 'copy',
  };
  const { host, credentials } = registry;
  return {
    request,
    registryAuth: credentials === undefined ? [] : [{ registry: host, ...credentials }],
    credentialHelpers: [],
    insecureRegistries: new Set(),
    githubToken: '',
    summary: 'leave',
    subjects: 'leave',
    warnings: [],
  };
}

function targetTag(registry: TestRegistry, name: string): TargetTag {
  const { repository, tag = '' } = parseReference(`${registry.host}/${name}`);
  return { repository, tag };
}

function watched(registry: TestRegistry, name: string, images: readonly TestContent[]): WatchedTag {
  const [repository = '', tag = ''] = name.split(':');
  return { registry, repository, tag, before: registry.tags(repository)[tag], images };
}

/** Puts content there behind the wire, which takes no requests. */
function place(registry: TestRegistry, name: string, content: TestContent): void {
  const [repository = '', tag] = name.split(':');
  for (const child of content.children) place(registry, repository, child);
  for (const [digest, blob] of content.blobs) registry.addBlob(repository, { ...blob, digest });
  registry.plant(repository, content.digest, content);
  if (tag !== undefined) registry.plant(repository, tag, content);
}
