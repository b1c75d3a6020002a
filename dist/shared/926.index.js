export const id = 926;
export const ids = [926];
export const modules = {

/***/ 3926:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  j: () => (/* binding */ purgeTags),
  c: () => (/* binding */ warnOf)
});

// EXTERNAL MODULE: ./src/oci/reference.ts
var reference = __webpack_require__(2148);
// EXTERNAL MODULE: ./src/oci/registry-name.ts
var registry_name = __webpack_require__(8084);
// EXTERNAL MODULE: ./src/http/message.ts
var http_message = __webpack_require__(2551);
// EXTERNAL MODULE: ./src/http/rate-limit.ts
var rate_limit = __webpack_require__(9618);
// EXTERNAL MODULE: ./src/run/errors.ts
var errors = __webpack_require__(4314);
// EXTERNAL MODULE: ./src/registry/refusal.ts
var refusal = __webpack_require__(4623);
;// CONCATENATED MODULE: ./src/registry/untag/removal-error.ts




/**
 * The error for a response that refuses a removal: RegistryError TAG_NOT_REMOVED with the registry's own codes. `hint`
 * says how else to remove the tag.
 */
function removalError(response, hint) {
    const { status } = response;
    // Do not quote the text of another host, or a web page.
    const isQuoted = response.answeredBy === undefined && !(0,refusal/* isWebPage */.AA)(response);
    const codes = isQuoted ? (0,refusal/* errorCodes */.fv)(response) : [];
    const texts = codes.map(({ code, message }) => (message === '' ? code : `${code}: ${message}`));
    const message = `${response.url.host} refused to remove the tag (${[status, ...texts].join(', ')})`;
    const failure = (0,http_message/* failureOf */.g5)('DELETE', response, { codes: codes.map(({ code }) => code) });
    const isTemporary = status >= 500 || (0,rate_limit/* isRateLimit */.a5)(response);
    return new errors/* RegistryError */.gl('TAG_NOT_REMOVED', message, failure, {
        hint: isTemporary ? 'Remove the tag later: the failure of the registry is temporary.' : hint,
    });
}
/** The error for a removal that is not tried. */
function notRemovable({ repository }, message, hint) {
    const failure = { method: 'DELETE', url: `https://${repository.registry}`, status: 0, codes: [] };
    return new errors/* RegistryError */.gl('TAG_NOT_REMOVED', message, failure, { hint });
}
/** Whether a response says that the tag no longer exists: removed now, or missing before. */
function isGone(response) {
    const { status } = response;
    return !(0,refusal/* isWebPage */.AA)(response) && (status === 404 || (status >= 200 && status < 300));
}

;// CONCATENATED MODULE: ./src/registry/untag/removal-hint.ts


/** Amazon ECR, with the region. */
const amazon = /^\d+\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;
/** Whether a registry is Amazon ECR. */
function isAmazon(registry) {
    return amazon.test(registry);
}
/** The hint for a tag that a registry did not remove: the vendor's own command, or the missing permission. */
function removalHint(tag, status) {
    const { registry, path } = tag.repository;
    const command = commandFor(tag);
    if (registry === registry_name/* dockerHub */.UD) {
        return `Use an access token of Docker Hub with the permission "Read, Write, Delete", or remove the tag on https://hub.docker.com/r/${path}/tags.`;
    }
    if (isAmazon(registry)) {
        return `Run \`${command}\`, or let a lifecycle policy expire staging tags. Amazon ECR deletes an image with its last tag, unless a list refers to it.`;
    }
    if (command !== undefined)
        return `Give the login permission to delete, or run \`${command}\`.`;
    return status === 401 || status === 403
        ? 'Give the login permission to delete.'
        : 'Remove the tag in the user interface of the registry, and never its digest, which the list needs. CNCF distribution 3 and later can remove tags, with `storage.delete.enabled`.';
}
function commandFor({ repository, tag }) {
    const { registry, path } = repository;
    const region = amazon.exec(registry)?.[1];
    if (region !== undefined) {
        return `aws ecr batch-delete-image --region ${region} --repository-name ${path} --image-ids imageTag=${tag}`;
    }
    const name = (0,reference/* formatRepository */.Sh)(repository);
    if (registry.endsWith('.azurecr.io')) {
        return `az acr repository untag --name ${registry.split('.', 1)[0]} --image ${path}:${tag}`;
    }
    if (registry.endsWith('-docker.pkg.dev'))
        return `gcloud artifacts docker tags delete ${name}:${tag}`;
    if (registry === 'gcr.io' || registry.endsWith('.gcr.io'))
        return `gcloud container images untag ${name}:${tag}`;
    return undefined;
}

// EXTERNAL MODULE: ./src/oci/media-types.ts
var media_types = __webpack_require__(9217);
;// CONCATENATED MODULE: ./src/registry/untag/staging-tag.ts



/**
 * The check before a removal is repeated: returns the response if the tag no longer exists. Throws ConflictError
 * TAG_CHANGED unless the tag still holds its manifest, because a repeated removal would affect another manifest.
 */
function unlessGone(client, { repository, tag, manifest }) {
    return async () => {
        const response = await client.send({
            method: 'HEAD',
            repository,
            target: `/v2/${repository.path}/manifests/${tag}`,
            headers: { accept: media_types/* manifestAccept */.K },
            maxBodyBytes: http_message/* maxShortBody */.P3,
            actions: ['pull'],
            tries: 'one',
        });
        if (response.status === 404)
            return goneAnswer(response);
        if ((0,http_message/* header */.wx)(response.headers, 'docker-content-digest') === manifest.digest)
            return undefined;
        throw new errors/* ConflictError */.fK('TAG_CHANGED', 'After a failed removal, the tag may hold another manifest', {
            hint: 'Remove the tag by hand if nothing needs it.',
        });
    };
}
function goneAnswer(response) {
    return { ...response, status: 404, body: new Uint8Array() };
}

;// CONCATENATED MODULE: ./src/registry/untag/distribution.ts




/**
 * Removes tags with the distribution API. It returns 202, or 400 or 405 if it cannot remove tags (OCI distribution-spec
 * 1.1, "Deleting tags").
 */
function distributionRemover(client) {
    return (tag) => deleteTarget(client, tag, `/v2/${tag.repository.path}/manifests/${tag.tag}`);
}
/**
 * Removes tags of an Azure container registry with its own API, with the registry's usual login and tokens.
 * https://learn.microsoft.com/rest/api/containerregistry/tag/delete
 */
function azureRemover(client) {
    return (tag) => deleteTarget(client, tag, `/acr/v1/${tag.repository.path}/_tags/${tag.tag}`);
}
/** Whether a registry is one of Azure's container registries, in any of its clouds. */
function isAzure(registry) {
    return /^[a-z0-9-]+\.azurecr\.(?:io|us|cn)$/.test(registry);
}
async function deleteTarget(client, tag, target) {
    const response = await client.send({
        method: 'DELETE',
        repository: tag.repository,
        target,
        maxBodyBytes: http_message/* maxShortBody */.P3,
        // A registry with its own scope action for this names it in its challenge; some refuse unknown actions.
        actions: ['pull', 'push'],
        alreadyApplied: unlessGone(client, tag),
    });
    if (!isGone(response))
        throw removalError(response, removalHint(tag, response.status));
}

// EXTERNAL MODULE: ./src/auth/password.ts
var auth_password = __webpack_require__(8537);
;// CONCATENATED MODULE: ./src/registry/untag/docker-hub.ts







const hub = 'https://hub.docker.com';
/** Characters of the shortest token that is masked. */
const minMaskedLength = 16;
/**
 * Removes tags of Docker Hub with the API of hub.docker.com and a token for the login of Docker Hub, which is not sent
 * anywhere else. https://docs.docker.com/reference/api/hub/latest/
 */
function dockerHubRemover(context) {
    const tokens = new Map();
    return async (tag) => {
        const { client, management } = context;
        const { path } = tag.repository;
        const credential = await management.credentials.find(registry_name/* dockerHub */.UD, path, ['pull', 'push']);
        const token = tokens.get(credential) ?? requestToken(tag, credential, context);
        tokens.set(credential, token);
        const response = await management.toService({
            method: 'DELETE',
            url: tagUrl(tag),
            headers: { accept: 'application/json' },
            originHeaders: { authorization: `Bearer ${await token}` },
            maxBodyBytes: http_message/* maxShortBody */.P3,
            alreadyApplied: unlessGone(client, tag),
        });
        if (!isGone(response))
            throw removalError(response, removalHint(tag, response.status));
    };
}
// Every repository of Docker Hub is in a namespace.
function tagUrl({ repository, tag }) {
    const [namespace = '', ...rest] = repository.path.split('/').map(encodeURIComponent);
    return new URL(`${hub}/v2/namespaces/${namespace}/repositories/${rest.join('/')}/tags/${tag}`);
}
async function requestToken(tag, credential, { management, observer }) {
    const scope = { repository: tag.repository.path, actions: ['pull', 'push'] };
    const { username, password, source } = (0,auth_password/* passwordOf */.N)(credential, { registry: registry_name/* dockerHub */.UD, scope, credential });
    const response = await management.toService({
        method: 'POST',
        url: new URL(`${hub}/v2/auth/token`),
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify({ identifier: username, secret: password }), 'utf8'),
        maxBodyBytes: http_message/* maxShortBody */.P3,
    });
    const token = response.status === 200 ? tokenIn(response.body) : undefined;
    if (token === undefined) {
        throw new errors/* AuthError */.lR('TOKEN', `hub.docker.com returned no token for the login from ${source} (${response.status})`, {
            hint: removalHint(tag, response.status),
        });
    }
    if (token.length >= minMaskedLength)
        observer.secret(token);
    return token;
}
function tokenIn(body) {
    try {
        const answer = JSON.parse(Buffer.from(body).toString('utf8'));
        const token = typeof answer === 'object' && answer !== null && 'access_token' in answer && answer.access_token;
        return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
    }
    catch {
        return undefined;
    }
}

// EXTERNAL MODULE: ./src/run/poll.ts
var poll = __webpack_require__(576);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: ./src/oci/digest.ts
var digest = __webpack_require__(8825);
// EXTERNAL MODULE: ./src/oci/manifest.ts
var manifest = __webpack_require__(2060);
// EXTERNAL MODULE: ./src/registry/blobs/upload-session.ts
var upload_session = __webpack_require__(1626);
;// CONCATENATED MODULE: ./src/registry/untag/stand-in.ts





const emptyBytes = Buffer.from('{}');
/** The empty descriptor of OCI image-spec 1.1, manifest.md, "Guidance for an Empty Descriptor". */
const empty = {
    mediaType: 'application/vnd.oci.empty.v1+json',
    digest: (0,digest/* digestOf */.ol)(emptyBytes),
    size: emptyBytes.byteLength,
};
/** An artifact without content and with a unique digest. */
function standIn() {
    const document = {
        schemaVersion: 2,
        mediaType: media_types/* ociManifest */.F7,
        artifactType: 'application/vnd.oci.empty.v1+json',
        config: empty,
        layers: [empty],
        annotations: { 'org.opencontainers.image.title': `stand-in ${(0,external_node_crypto_.randomUUID)()}` },
    };
    return (0,manifest/* parseManifest */.Ng)(Buffer.from(JSON.stringify(document)), media_types/* ociManifest */.F7);
}
/** Pushes the content of stand-ins, two bytes, to a repository. */
async function provideStandInContent(client, repository) {
    if (await client.hasBlob(repository, empty.digest))
        return;
    const session = await (0,upload_session/* openUpload */.Cg)(client, repository);
    await session.finish(empty, emptyBytes, empty.size);
}

;// CONCATENATED MODULE: ./src/registry/untag/github-packages.ts





/** Milliseconds that GitHub's API may take to list a manifest that its registry has just accepted. */
const maxListingDelay = 20_000;
const hint = 'Pass a token with `packages: write` in `github-token`, and give the repository the role Admin on the package (package settings, Manage Actions access). Never delete the version of an image that a list needs.';
/**
 * Removes tags of GitHub's registry, which has no request for this. A package version is a digest with its tags, so an
 * empty placeholder manifest (stand-in) is pushed to the tag, and the version with its digest and no other tag is
 * deleted. If the API lists anything else, the tag is set back to its manifest.
 * https://docs.github.com/en/rest/packages/packages
 */
function githubRemover(context) {
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
        }
        catch (error) {
            throw await putBack(tag, manifest, error, context);
        }
    };
}
function packageOf(tag) {
    const [owner = '', ...rest] = tag.repository.path.split('/');
    if (rest.length === 0)
        throw notRemovable(tag, 'The tag is not in a package of GitHub', hint);
    return { owner, name: rest.join('/') };
}
async function deleteStandIn(tag, { digest }, container, { packages, clock }) {
    const retryUntil = clock.now() + maxListingDelay;
    const version = await (0,poll/* pollUntil */.g)(clock, { first: 500, max: 4000 }, async () => {
        const found = await packages.findVersion(container, digest);
        if (found?.tags.includes(tag.tag) === true)
            return { result: found };
        return { retryUntil, otherwise: () => found };
    });
    const [only, ...others] = version?.tags ?? [];
    if (version === undefined || only !== tag.tag || others.length > 0) {
        throw notRemovable(tag, 'The packages API of GitHub does not list the placeholder with only this tag', hint);
    }
    await packages.deleteVersion(container, version);
}
// The API answers 404 for what is deleted already, and for what the token may not delete.
async function waitUntilFree(tag, { digest }, { client, clock }) {
    const retryUntil = clock.now() + maxListingDelay;
    await (0,poll/* pollUntil */.g)(clock, { first: 500, max: 4000 }, async () => {
        if ((await client.headManifest(tag.repository, tag.tag))?.digest !== digest)
            return { result: undefined };
        const otherwise = () => {
            throw notRemovable(tag, 'The packages API of GitHub did not delete the stand-in', hint);
        };
        return { retryUntil, otherwise };
    });
}
// Only a tag that still holds the stand-in is written: another run may have pushed it since.
async function putBack({ repository, tag, manifest }, { digest }, cause, { client }) {
    const name = (0,reference/* formatReference */.FH)({ repository, tag });
    try {
        const held = await client.headManifest(repository, tag);
        if (held?.digest !== digest)
            return cause;
        await client.putManifest(repository, tag, manifest);
        return (0,errors/* withContext */.eQ)(`${name} holds ${manifest.digest} again`, cause);
    }
    catch (error) {
        return (0,errors/* withContext */.eQ)(`${name} holds an empty placeholder now, not ${manifest.digest}`, error);
    }
}

;// CONCATENATED MODULE: ./src/registry/untag/harbor.ts




const harbor_hint = 'Give the account or robot permission to delete tags in the project, or remove the tag in the user interface of Harbor.';
/**
 * Whether a registry is Harbor, which returns `Pong` at its own address. Checked before any removal, because Harbor's
 * distribution API is not made to remove only a tag.
 */
async function isHarbor(repository, { anonymously }) {
    const target = '/api/v2.0/ping';
    const ping = { method: 'GET', repository, target, maxBodyBytes: http_message/* maxShortBody */.P3, actions: [] };
    try {
        const { status, body, answeredBy } = await anonymously({ ...ping, tries: 'one' });
        return status === 200 && answeredBy === undefined && Buffer.from(body).toString('utf8').trim() === 'Pong';
    }
    catch (error) {
        if (error instanceof errors/* ActionError */.lZ)
            return false;
        throw error;
    }
}
/**
 * Removes tags of Harbor with its API, user name and password. A repository's name in a project is encoded twice.
 * https://github.com/goharbor/harbor/blob/main/api/v2.0/swagger.yaml (deleteTag)
 */
function harborRemover(client, { withPassword }) {
    return async (tag) => {
        const response = await withPassword({
            method: 'DELETE',
            repository: tag.repository,
            target: targetOf(tag),
            maxBodyBytes: http_message/* maxShortBody */.P3,
            actions: ['pull', 'push'],
            alreadyApplied: unlessGone(client, tag),
        });
        if (!isGone(response))
            throw removalError(response, harbor_hint);
    };
}
function targetOf(tag) {
    const { path } = tag.repository;
    const slash = path.indexOf('/');
    if (slash < 0)
        throw notRemovable(tag, 'Harbor has no tags outside projects', harbor_hint);
    const name = encodeURIComponent(encodeURIComponent(path.slice(slash + 1)));
    const artifact = `/api/v2.0/projects/${path.slice(0, slash)}/repositories/${name}/artifacts/${tag.manifest.digest}`;
    return `${artifact}/tags/${tag.tag}`;
}

;// CONCATENATED MODULE: ./src/registry/untag/remover.ts







/**
 * The method to remove tags of a registry: chosen by its host name if that identifies the vendor, else by a request.
 */
async function removerFor(repository, context) {
    const { client, management, github, clock } = context;
    const { registry } = repository;
    if (registry === registry_name/* dockerHub */.UD)
        return dockerHubRemover(context);
    if (isAmazon(registry))
        return amazonRemover;
    if (isAzure(registry))
        return azureRemover(client);
    if (registry === github.registry || isGithub(registry)) {
        const connect = registry === github.registry ? github.connect : undefined;
        if (connect === undefined)
            return withoutToken;
        return githubRemover({ client, packages: await connect(), clock });
    }
    return (await isHarbor(repository, management))
        ? harborRemover(client, management)
        : distributionRemover(client);
}
// Also for a server with its own domain, whose API does not list these packages.
function isGithub(registry) {
    return registry === 'ghcr.io' || /^containers\.[a-z0-9-]+\.ghe\.com$/.test(registry);
}
// It deletes an image with its last tag.
const amazonRemover = async (tag) => {
    throw notRemovable(tag, 'Amazon ECR does not remove single tags safely', removalHint(tag, 405));
};
const withoutToken = async (tag) => {
    throw notRemovable(tag, `Only the packages API of GitHub removes tags of ${tag.repository.registry}, and there is no token for it`, 'Pass a token with `packages: write` in `github-token`, in a workflow of the same GitHub server.');
};

;// CONCATENATED MODULE: ./src/pipeline/untag/kept-content.ts



/** Milliseconds that a registry may take to serve a manifest again after one of its tags was removed. */
const maxAbsence = 3_000;
/**
 * Reads manifests after tags were removed, and pushes missing ones again, images before lists. Throws VerifyError
 * CONTENT_REMOVED with every manifest that was missing, also if it was put back. A manifest that cannot be read is a
 * warning.
 */
async function checkKept(kept, context) {
    const each = unique(kept);
    const isLost = await Promise.all(each.map((content) => isRemoved(content, context)));
    const lost = each.filter((_, at) => isLost[at]).toSorted((one, other) => rankOf(one) - rankOf(other));
    if (lost.length === 0)
        return;
    const states = [];
    let failures = 0;
    for (const content of lost) {
        const failure = await kept_content_putBack(content, context);
        if (failure !== undefined)
            failures += 1;
        states.push(`${describeKept(content)}: ${failure ?? 'put back'}`);
    }
    throw contentRemoved(states, failures);
}
// Registries refuse a list whose images are missing.
function rankOf({ manifest }) {
    return manifest.content.kind === 'image' ? 0 : 1;
}
function unique(kept) {
    const byName = new Map();
    for (const content of kept) {
        const name = digestName(content);
        const tags = [...new Set([...(byName.get(name)?.tags ?? []), ...(content.tags ?? [])])];
        byName.set(name, { ...content, tags });
    }
    return [...byName.values()];
}
/**
 * Whether a manifest or one of its tags no longer exists. A manifest that cannot be read is a warning, and counts as
 * existing.
 */
async function isRemoved(content, { client, clock, observer }) {
    const retryUntil = clock.now() + maxAbsence;
    try {
        return await (0,poll/* pollUntil */.g)(clock, { first: 250, max: 1000 }, async () => {
            if (await isServed(content, client))
                return { result: false };
            return { retryUntil, otherwise: () => true };
        });
    }
    catch (error) {
        if (!(error instanceof errors/* ActionError */.lZ))
            throw error;
        observer.warning(`${describeKept(content)} could not be read after tags were removed: ${(0,errors/* messageOf */.bD)(error)}`);
        return false;
    }
}
// Some registries remove every tag of a manifest, and keep the manifest.
async function isServed({ repository, manifest, tags = [] }, client) {
    // Read the complete list: some registries check its references only then.
    const read = manifest.content.kind === 'index'
        ? client.findManifest(repository, manifest.digest)
        : client.headManifest(repository, manifest.digest);
    const found = await Promise.all([read, ...tags.map((tag) => client.headManifest(repository, tag))]);
    return found.every((each) => each !== undefined);
}
/** Pushes a manifest and its missing tags; returns the reason if that fails. */
async function kept_content_putBack(content, { client }) {
    const { repository, manifest, tags = [] } = content;
    try {
        await client.putManifest(repository, manifest.digest, manifest);
        for (const tag of tags) {
            if ((await client.headManifest(repository, tag)) === undefined)
                await client.putManifest(repository, tag, manifest);
        }
        return undefined;
    }
    catch (error) {
        if (!(error instanceof errors/* ActionError */.lZ))
            throw error;
        return `could not be put back: ${(0,errors/* messageOf */.bD)(error)}`;
    }
}
function contentRemoved(states, failures) {
    const message = ['Removing staging tags also removed content from the registry:', ...states].join('\n');
    const repair = failures === 0 ? '' : 'Push the images again, and publish the list again. ';
    return new errors/* VerifyError */.Gz('CONTENT_REMOVED', message, {
        hint: `${repair}Do not remove staging tags on this registry: it removes images together with all their tags. Set other tags of these images again.`,
    });
}
function describeKept(content) {
    const { tags = [] } = content;
    return tags.length === 0 ? digestName(content) : `${digestName(content)} (${tags.join(', ')})`;
}
function digestName({ repository, manifest: { digest } }) {
    return (0,reference/* formatReference */.FH)({ repository, digest });
}

;// CONCATENATED MODULE: ./src/pipeline/untag/purge-tags.ts





/** Milliseconds that a registry may take to stop serving a removed tag. */
const maxShown = 5_000;
/**
 * Removes tags, never content, and then reads everything that must stay: the manifests of the tags and `kept`. In each
 * repository, one tag is removed first; the others follow only if the registry removed that tag and nothing else. A tag
 * that holds another manifest now is not removed. A refusal of the registry is a warning. Throws VerifyError
 * CONTENT_REMOVED when content was lost, also if it was put back.
 */
async function purgeTags(tags, kept, context) {
    const removers = new Map();
    const groups = Map.groupBy(tags, ({ repository }) => (0,reference/* formatRepository */.Sh)(repository));
    const jobs = [...groups.values()].map((group) => purgeRepository(group, removers, context));
    const purged = (await Promise.all(jobs)).flat();
    warnOf(purged, context);
    if (purged.some(({ removal }) => removal.state === 'removed'))
        await checkKept([...tags.map(contentOf), ...kept], context);
    return purged;
}
function contentOf({ repository, manifest }) {
    return { repository, manifest };
}
async function purgeRepository(tags, removers, context) {
    const purged = [];
    for (const [at, tag] of tags.entries()) {
        const removal = await purgeTag(tag, removers, context);
        purged.push({ tag, removal });
        const stop = await stopAfter(tag, removal, context);
        const others = tags.slice(at + 1);
        if (stop !== undefined) {
            const refused = { state: 'refused', error: stop };
            return [...purged, ...others.map((other) => ({ tag: other, removal: refused }))];
        }
        if (removal.state !== 'removed')
            continue;
        const removals = others.map(async (other) => {
            return { tag: other, removal: await purgeTag(other, removers, context) };
        });
        return [...purged, ...(await Promise.all(removals))];
    }
    return purged;
}
/** Why the other tags must not be removed: the registry refused the first one, or also removed its manifest. */
async function stopAfter(tag, removal, context) {
    if (removal.state === 'refused')
        return removal.error;
    if (removal.state !== 'removed' || !(await isRemoved(contentOf(tag), context)))
        return undefined;
    return new errors/* ActionError */.lZ('CONTENT_REMOVED', `Removing ${nameOf(tag)} also removed ${tag.manifest.digest}`);
}
async function purgeTag(tag, removers, context) {
    const { repository, manifest } = tag;
    const { registry } = repository;
    const name = nameOf(tag);
    try {
        const remover = removers.get(registry) ?? removerFor(repository, context);
        removers.set(registry, remover);
        const remove = await remover;
        // Right before the removal: another run may have pushed the tag.
        const held = (await context.client.headManifest(repository, tag.tag))?.digest;
        if (held === undefined) {
            context.observer.info(`${name} no longer exists`);
            return { state: 'absent' };
        }
        if (held !== manifest.digest)
            return { state: 'changed', expected: manifest.digest, held };
        await remove(tag);
        await waitUntilGone(tag, context);
        context.observer.info(`Removed the tag ${name}`);
        return { state: 'removed' };
    }
    catch (error) {
        if (error instanceof errors/* ActionError */.lZ)
            return { state: 'refused', error };
        throw error;
    }
}
async function waitUntilGone(tag, { client, clock }) {
    const retryUntil = clock.now() + maxShown;
    await (0,poll/* pollUntil */.g)(clock, { first: 250, max: 2000 }, async () => {
        const held = (await client.headManifest(tag.repository, tag.tag))?.digest;
        // Another manifest: another run has pushed the tag since.
        if (held !== tag.manifest.digest)
            return { result: undefined };
        const otherwise = () => {
            throw stillThere();
        };
        return { retryUntil, otherwise };
    });
}
function stillThere() {
    return new errors/* ActionError */.lZ('TAG_NOT_REMOVED', 'The tag still exists, although the registry confirmed its removal', {
        hint: 'Remove it in the user interface of the registry.',
    });
}
/** Warns about tags that were not removed, with one warning for each reason. */
function warnOf(purged, { observer }) {
    for (const { tag, removal } of purged) {
        if (removal.state !== 'changed')
            continue;
        observer.warning(`${nameOf(tag)} was not removed: it holds ${removal.held} now, not ${removal.expected}. Something else pushed it.`);
    }
    const reasons = Map.groupBy(purged, ({ removal }) => reasonOf(removal));
    for (const [reason, tags] of reasons) {
        if (reason === undefined)
            continue;
        const names = tags.map(({ tag }) => nameOf(tag)).join(', ');
        observer.warning(`Not removed: ${names}: ${reason}`);
    }
}
function reasonOf(removal) {
    if (removal.state !== 'refused')
        return undefined;
    const { message, hint } = removal.error;
    return hint === undefined ? `${message}.` : `${message}. ${hint}`;
}
function nameOf({ repository, tag }) {
    return (0,reference/* formatReference */.FH)({ repository, tag });
}


/***/ })

};
