import { jobRegistry } from '../credentials/registry-key.ts';
import type { HttpResponse, Method } from '../http/message.ts';
import type { Digest } from '../oci/digest.ts';
import type { Management } from '../registry/registry-request.ts';
import type { ContainerPackage, GithubPackages, PackageVersion } from '../registry/untag/github-packages.ts';
import type { GithubRegistry } from '../registry/untag/remover.ts';
import { ActionError, messageOf, RegistryError } from '../run/errors.ts';
import { Memo } from '../run/memo.ts';
import type { Surroundings } from './runner.ts';

type Octokit = ReturnType<typeof import('@actions/github').getOctokit>;

/** Maximum pages of a hundred versions, newest first, to search for a version. */
const maxPages = 20;
/** Maximum bytes of one page: a version has a few thousand. */
const maxPageBytes = 4 * 1024 * 1024;

/**
 * GitHub's registry and its packages API, from the runner's variables. The API client is loaded when it is first
 * needed, and sends its requests through the layers of the run.
 */
export function githubRegistry(
  { environment }: Pick<Surroundings, 'environment'>,
  token: string,
  { toService }: Management,
): GithubRegistry {
  const baseUrl = environment['GITHUB_API_URL'] || 'https://api.github.com';
  const connect = async (): Promise<GithubPackages> => {
    const { getOctokit } = await import('@actions/github');
    const request = { fetch: fetchOver(toService) };
    return new PackagesApi(getOctokit(token, { baseUrl, request, log: silent }));
  };
  return { registry: jobRegistry(environment), connect: token === '' ? undefined : connect };
}

const nothing = (): void => undefined;

// Errors report the API's failures; its deprecation notices do not concern users.
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

class PackagesApi implements GithubPackages {
  readonly #octokit: Octokit;
  readonly #owners = new Memo<string, 'org' | 'user'>();

  constructor(octokit: Octokit) {
    this.#octokit = octokit;
  }

  async findVersion(container: ContainerPackage, digest: Digest): Promise<PackageVersion | undefined> {
    for (let page = 1; page <= maxPages; page += 1) {
      const versions = await this.#versions(container, page);
      const found = versions.find(({ name }) => name === digest);
      if (found !== undefined) return { id: found.id, tags: found.metadata?.container?.tags ?? [] };
      if (versions.length < 100) return undefined;
    }
    return undefined;
  }

  async deleteVersion({ owner, name }: ContainerPackage, { id }: PackageVersion): Promise<void> {
    const { packages } = this.#octokit.rest;
    const version = { package_type: 'container', package_name: name, package_version_id: id } as const;
    await askApi(`deleting version ${id} of the package ${owner}/${name}`, async () => {
      const isOrganization = (await this.#ownerKind(owner)) === 'org';
      // A missing version was deleted by an earlier attempt that seemed to fail.
      await (isOrganization
        ? packages.deletePackageVersionForOrg({ ...version, org: owner })
        : packages.deletePackageVersionForUser({ ...version, username: owner })
      ).catch((error: unknown) => {
        if (statusOf(error) !== 404) throw error;
      });
    });
  }

  #versions({ owner, name }: ContainerPackage, page: number) {
    const { packages } = this.#octokit.rest;
    const query = { package_type: 'container', package_name: name, per_page: 100, page } as const;
    return askApi(`listing the versions of the package ${owner}/${name}`, async () => {
      const isOrganization = (await this.#ownerKind(owner)) === 'org';
      const { data } = await (isOrganization
        ? packages.getAllPackageVersionsForPackageOwnedByOrg({ ...query, org: owner })
        : packages.getAllPackageVersionsForPackageOwnedByUser({ ...query, username: owner }));
      // The client hands over a page in HTML as text.
      if (!Array.isArray(data))
        throw refused(`answered with no list of the versions of the package ${owner}/${name}`, 200);
      return data;
    });
  }

  #ownerKind(owner: string): Promise<'org' | 'user'> {
    return this.#owners.get(owner, async () => {
      const { data } = await this.#octokit.rest.users.getByUsername({ username: owner });
      return data.type === 'Organization' ? 'org' : 'user';
    });
  }
}

function refused(problem: string, status: number, cause?: string): RegistryError {
  const failure = { method: '', url: '', status, codes: [] };
  const message = `The packages API of GitHub ${problem}`;
  return new RegistryError('TAG_NOT_REMOVED', message, failure, { hint, cause });
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'status' in error && typeof error.status === 'number'
    ? error.status
    : undefined;
}

const hint =
  'Pass a token with `packages: write` in `github-token`, and give the repository the role Admin on the package (package settings, Manage Actions access).';

/** Sends a request to the API; refusals become RegistryErrors without the API's own text. */
async function askApi<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // The client wraps what its fetch throws.
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof ActionError) throw cause;
    const status = statusOf(error);
    if (status === undefined) throw error;
    throw refused(`failed ${what} (${status})`, status, messageOf(error));
  }
}

/** A `fetch` for the API client, over the connections, retries and proxies of the run. */
function fetchOver(send: Management['toService']): typeof fetch {
  return async (input, init) => {
    const { authorization, ...headers } = Object.fromEntries(new Headers(init?.headers));
    const response = await send({
      method: (init?.method ?? 'GET') as Method,
      url: new URL(String(input)),
      headers,
      originHeaders: authorization === undefined ? {} : { authorization },
      ...(typeof init?.body === 'string' && { body: Buffer.from(init.body) }),
      maxBodyBytes: maxPageBytes,
    });
    return asResponse(response);
  };
}

function asResponse({ status, headers, body, url }: HttpResponse): Response {
  const pairs = [...headers].flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const hasBody = status !== 204 && status !== 304;
  const response = new Response(hasBody ? Buffer.from(body) : null, { status, headers: pairs });
  Object.defineProperty(response, 'url', { value: url.href });
  return response;
}
