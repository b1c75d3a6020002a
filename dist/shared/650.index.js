export const id = 650;
export const ids = [650];
export const modules = {

/***/ 6650:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  jT: () => (/* binding */ purgeTags),
  tg: () => (/* binding */ rehearseTags),
  c$: () => (/* binding */ warnOf)
});

// EXTERNAL MODULE: ./src/auth/auth-error.ts
var auth_error = __webpack_require__(6753);
// EXTERNAL MODULE: ./src/oci/reference.ts
var reference = __webpack_require__(2148);
// EXTERNAL MODULE: ./src/run/memo.ts
var memo = __webpack_require__(7959);
// EXTERNAL MODULE: ./src/run/errors.ts
var errors = __webpack_require__(4314);
// EXTERNAL MODULE: ./src/run/finding.ts
var finding = __webpack_require__(2856);
// EXTERNAL MODULE: ./src/run/poll.ts
var poll = __webpack_require__(576);
// EXTERNAL MODULE: ./src/registry/placeholder.ts
var placeholder = __webpack_require__(3598);
// EXTERNAL MODULE: ./src/registry/untag/staging-tag.ts
var staging_tag = __webpack_require__(2461);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: ./src/http/message.ts
var http_message = __webpack_require__(2551);
// EXTERNAL MODULE: ./src/registry/blobs/upload-session.ts
var upload_session = __webpack_require__(1626);
// EXTERNAL MODULE: ./src/registry/client.ts + 1 modules
var registry_client = __webpack_require__(2418);
// EXTERNAL MODULE: ./src/http/rate-limit.ts
var rate_limit = __webpack_require__(9618);
// EXTERNAL MODULE: ./src/registry/refusal.ts + 1 modules
var refusal = __webpack_require__(2156);
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
const amazon = /^\d+\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;
/** Whether a registry is Amazon ECR. */
function isAmazon(registry) {
    return amazon.test(registry);
}
/** The hint for a tag that a registry did not remove: the vendor's own command, or the missing permission. */
function removalHint(tag, status) {
    const { registry, path } = tag.repository;
    const command = commandFor(tag);
    if (registry === reference/* dockerHub */.UD) {
        return `Use an access token of Docker Hub with the permission "Read, Write, Delete", or remove the tag on https://hub.docker.com/r/${path}/tags.`;
    }
    if (isAmazon(registry)) {
        return `Run \`${command}\`, or let a lifecycle policy expire staging tags. Amazon ECR deletes an image with its last tag, unless a list refers to it.`;
    }
    if (command !== undefined)
        return `Give the login permission to delete, or run \`${command}\`.`;
    // Registries answer "not found" also for what a login may not change.
    return status === 401 || status === 403 || status === 404
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

;// CONCATENATED MODULE: ./src/registry/untag/tag-remover.ts








/** A tag that holds another manifest than expected: something else has pushed it. */
class TagChangedError extends errors/* ConflictError */.fK {
    held;
    constructor({ manifest }, held) {
        super('TAG_CHANGED', `The tag holds ${held} now, not ${manifest.digest}. Something else pushed it`);
        this.held = held;
    }
}
/** Reads a tag right before it is touched; throws TagChangedError when it holds another manifest. */
async function lookAt(tag, { client, cancellation }) {
    cancellation.checkGoingOn();
    const held = (await client.headManifest(tag.repository, tag.tag))?.digest;
    cancellation.checkGoingOn();
    if (held === undefined)
        return 'absent';
    if (held !== tag.manifest.digest)
        throw new TagChangedError(tag, held);
    return 'held';
}
/** Asks as {@link TagRemover} says, with the removal of a name that does not exist beside the tag. */
async function askWith(removal, tag, runId) {
    const response = await removal.send({ ...tag, tag: probeName(runId) });
    if (!isGone(response))
        throw removalError(response, removal.hintFor(tag, response.status));
}
/** Removes a tag with one request, as {@link TagRemover} says, and waits until it is no longer served. */
async function removeWith(removal, tag, context) {
    const { removals, cancellation } = context;
    if ((await lookAt(tag, context)) === 'absent')
        return 'absent';
    removals.mark(tag, 'underway');
    const response = await cancellation.writing(removal.send(tag, unlessGone(context, tag)));
    const refusal = removalError(response, removal.hintFor(tag, response.status));
    if (!isGone(response)) {
        removals.mark(tag, 'left');
        throw refusal;
    }
    // A 404 is a refusal while the tag is served.
    const failure = response.status === 404 ? refusal : stillThere();
    await waitUntilGone(tag, context, { first: 250, max: 2000, time: maxShown }, failure);
    return 'removed';
}
/** Milliseconds that a registry may take to stop serving a removed tag. */
const maxShown = 5_000;
function stillThere() {
    const message = 'The tag still exists, although the registry confirmed its removal';
    return new errors/* ActionError */.lZ('TAG_NOT_REMOVED', message, {
        hint: 'Remove it in the user interface of the registry.',
    });
}
/** Waits until a tag no longer holds its manifest; throws `failure` when it still does at the end. */
async function waitUntilGone({ repository, tag, manifest }, { client, cancellation }, { time, ...pauses }, failure) {
    const { clock } = cancellation;
    const retryUntil = clock.now() + time;
    const otherwise = () => {
        throw failure;
    };
    await (0,poll/* pollUntil */.g)(clock, pauses, async () => {
        const held = (await cancellation.reading(client.headManifest(repository, tag)))?.digest;
        // Another manifest: another run has pushed the tag since.
        return held === manifest.digest ? { retryUntil, otherwise } : { result: undefined };
    });
}
/**
 * The check before a removal is repeated: returns the response if the tag no longer exists. Throws ConflictError
 * TAG_CHANGED unless the tag still holds its manifest, because a repeated removal would affect another manifest.
 */
function unlessGone(context, tag) {
    return async () => {
        context.cancellation.checkGoingOn();
        const response = await readAgain(context, tag);
        if (response.status === 404)
            return response;
        if (holds(response, tag))
            return undefined;
        throw new errors/* ConflictError */.fK('TAG_CHANGED', 'After a failed removal, the tag may hold another manifest', {
            hint: 'Remove the tag by hand if nothing needs it.',
        });
    };
}
/** The check before a push over a tag is repeated; throws ConflictError TAG_CHANGED unless it holds its manifest. */
function whileHeld(context, tag) {
    return async () => {
        if (holds(await readAgain(context, tag), tag))
            return;
        throw new errors/* ConflictError */.fK('TAG_CHANGED', 'After a failed push, the tag may hold another manifest');
    };
}
function readAgain({ client }, tag) {
    return client.send({ ...(0,registry_client/* manifestRequest */.H)('HEAD', tag.repository, tag.tag), tries: 'one' });
}
function holds({ status, headers }, { manifest }) {
    return status === 200 && (0,http_message/* header */.wx)(headers, 'docker-content-digest') === manifest.digest;
}
/** A request that removes what is at a path of the registry. */
function deleteRequest(repository, target) {
    // A registry with its own scope action for this names it in its challenge; some refuse unknown actions.
    const actions = ['pull', 'push'];
    return { method: 'DELETE', repository, target, maxBodyBytes: http_message/* maxShortBody */.P3, actions };
}
/** A tag that nobody else uses, and that says what made it. */
function probeName(runId) {
    return `multiarch-manifest-action-probe-${runId}-${(0,external_node_crypto_.randomBytes)(4).toString('hex')}`;
}
/** Pushes the content of placeholders, two bytes, to a repository. */
async function providePlaceholderContent(client, repository) {
    if (await client.hasBlob(repository, placeholder/* empty */.Ie.digest))
        return;
    const session = await (0,upload_session/* openUpload */.Cg)(client, repository);
    await session.finish(placeholder/* empty */.Ie, placeholder/* emptyContent */.jg, placeholder/* empty */.Ie.size);
}

;// CONCATENATED MODULE: ./src/registry/untag/proof.ts







/** Milliseconds that a registry may take to serve a tag after its push, and after another tag was removed. */
const maxAbsence = 3_000;
/** Milliseconds after which a tag is read that must have survived a removal: replicas show removals late, too. */
const settlePause = 1_500;
/**
 * Proves that a registry removes a tag and nothing else: two throw-away tags of one placeholder are pushed, and the
 * second one must survive the removal of the first. Throws ActionError otherwise, and if they cannot be pushed or
 * removed. A throw-away tag that remains is named in a warning.
 *
 * Registries that remove the digest with the tag exist: https://github.com/goharbor/harbor/issues/2663.
 */
async function proveTagRemoval(repository, context) {
    const { client, removals, cancellation, observer, runId } = context;
    const manifest = (0,placeholder/* placeholder */.qf)('for throw-away tags');
    const probes = [1, 2].map(() => ({ repository, tag: probeName(runId), manifest }));
    observer.info(`Trying on two throw-away tags whether ${(0,reference/* formatRepository */.Sh)(repository)} removes only a tag`);
    const known = new Set();
    try {
        await cancellation.writing(providePlaceholderContent(client, repository));
        for (const probe of probes)
            await push(probe, known, context);
        for (const probe of probes) {
            if (!(await isServed(probe, context)))
                throw notShown(probe);
            known.add(probe);
        }
        for (const [at, probe] of probes.entries()) {
            if (at > 0 && !(await survives(probe, context)))
                throw removesContent(probe, context);
            if ((await context.remove(probe, cancellation)) === 'absent')
                throw notShown(probe);
            removals.drop(probe);
        }
    }
    catch (error) {
        const left = [];
        for (const probe of probes)
            await cleanUp(probe, known, left, context);
        (0,finding/* warnOfCauses */.yk)(left, observer);
        throw (0,errors/* withContext */.eQ)(`It was not proven that ${repository.registry} removes only a tag`, error);
    }
}
async function push(probe, known, { client, removals, cancellation }) {
    cancellation.checkGoingOn();
    removals.mark(probe, 'probe');
    try {
        await cancellation.writing(client.putManifest(probe.repository, probe.tag, probe.manifest));
    }
    catch (error) {
        if (!cancellation.isCancelled && !(error instanceof errors/* NetworkError */.Dr))
            known.add(probe);
        throw error;
    }
}
async function isServed({ repository, tag }, { client, cancellation }) {
    const retryUntil = cancellation.clock.now() + maxAbsence;
    return (0,poll/* pollUntil */.g)(cancellation.clock, { first: 250, max: 1000 }, async () => {
        if ((await cancellation.reading(client.headManifest(repository, tag))) !== undefined)
            return { result: true };
        return { retryUntil, otherwise: () => false };
    });
}
async function survives(probe, context) {
    await context.cancellation.clock.sleep(settlePause);
    return isServed(probe, context);
}
function notShown(probe) {
    const message = `it does not show the throw-away tag ${probe.tag}, although it confirmed its push`;
    return new errors/* ActionError */.lZ('TAG_NOT_REMOVED', message, {
        hint: 'Run the job again, or let a retention policy of the registry expire staging tags.',
    });
}
function removesContent(probe, { removals }) {
    removals.drop(probe);
    const message = 'it removes an image together with all its tags, as two throw-away tags of one image showed';
    return new errors/* ActionError */.lZ('TAG_NOT_REMOVED', message, {
        hint: 'Let a retention policy of the registry expire staging tags, or keep them.',
    });
}
/** Removes a throw-away tag; `known`: those that were served or refused, others may still appear; `left`: what remains. */
async function cleanUp(probe, known, left, context) {
    const { client, removals, cancellation } = context;
    const about = (0,staging_tag/* tagName */.wZ)(probe);
    if (!removals.namesIn('probe').includes(about))
        return;
    try {
        const held = await client.headManifest(probe.repository, probe.tag);
        if (held !== undefined)
            await context.remove(probe, cancellation.unstoppable());
        if (held !== undefined || known.has(probe))
            removals.drop(probe);
        else
            left.push({ about, say: (names) => `Throw-away tags that may still appear: ${names}. Remove them.` });
    }
    catch (error) {
        if (!(error instanceof errors/* ActionError */.lZ))
            throw error;
        const say = (names) => `Throw-away tags that remain: ${names}. Remove them. ${(0,errors/* messageOf */.bD)(error)}`;
        left.push({ about, say, cause: error.code });
    }
}

;// CONCATENATED MODULE: ./src/registry/untag/distribution.ts





/**
 * Registries whose DELETE of a tag is known to remove nothing else; others prove it.
 * quay.io: https://github.com/quay/quay/blob/f626d4ecebcd529b2d2c929cbef2b6646d97ff62/endpoints/v2/manifest.py
 * (delete_manifest_by_tag). registry.gitlab.com: https://gitlab.com/gitlab-org/container-registry/-/issues/1091.
 */
const removingTagsAlone = new Set(['quay.io', 'registry.gitlab.com']);
/**
 * Removes tags with the distribution API. It returns 202, or 400 or 405 if it cannot remove tags (OCI distribution-spec
 * 1.1, "Deleting tags"). CNCF distribution 2 answers 400 DIGEST_INVALID
 * (https://github.com/google/go-containerregistry/issues/1578).
 */
function distributionRemover(context) {
    return remover(context, ({ repository, tag }) => `/v2/${repository.path}/manifests/${tag}`);
}
/**
 * Removes tags of an Azure container registry with its own API, with the registry's usual login and tokens.
 * https://learn.microsoft.com/rest/api/containerregistry/tag/delete
 */
function azureRemover(context) {
    return remover(context, ({ repository, tag }) => `/acr/v1/${repository.path}/_tags/${tag}`);
}
/** Whether a registry is one of Azure's container registries, in any of its clouds. */
function isAzure(registry) {
    return /^[a-z0-9-]+\.azurecr\.(?:io|us|cn)$/.test(registry);
}
// Asking also gets the token for removals, so that no other request comes between the look at a tag and its removal.
function remover(context, targetOf) {
    const { client, cancellation, runId } = context;
    const [asked, proven] = [new memo/* Memo */.l(), new memo/* Memo */.l()];
    const removal = {
        send: (tag, alreadyApplied) => client.send({ ...deleteRequest(tag.repository, targetOf(tag)), alreadyApplied }),
        hintFor: removalHint,
    };
    const ask = (tag) => asked.get((0,staging_tag/* repositoryIdentity */.Rr)(tag.repository), async () => {
        cancellation.checkGoingOn();
        await cancellation.reading(askWith(removal, tag, runId));
    });
    const remove = (tag, until) => removeWith(removal, tag, { ...context, cancellation: until });
    const prove = ({ repository }) => proven.get((0,staging_tag/* repositoryIdentity */.Rr)(repository), () => proveTagRemoval(repository, { ...context, remove }));
    return {
        ask,
        remove: async (tag) => {
            const { registry } = tag.repository;
            await ask(tag);
            if (!isAzure(registry) && !removingTagsAlone.has(registry))
                await prove(tag);
            return removeWith(removal, tag, context);
        },
    };
}

// EXTERNAL MODULE: ./src/auth/authorized.ts
var authorized = __webpack_require__(4573);
// EXTERNAL MODULE: ./src/auth/token-server.ts
var token_server = __webpack_require__(8739);
;// CONCATENATED MODULE: ./src/registry/untag/docker-hub.ts








const hub = 'https://hub.docker.com';
/**
 * Removes tags of Docker Hub with the API of hub.docker.com and a token for the login of Docker Hub, which is not sent
 * anywhere else. https://docs.docker.com/reference/api/hub/latest/
 */
function dockerHubRemover(context) {
    const { management, cancellation } = context;
    const tokens = new memo/* Memo */.l();
    const tokenFor = async (tag) => {
        const credential = await management.credentials.find(reference/* dockerHub */.UD, tag.repository.path);
        return tokens.get(credential, () => requestToken(tag, credential, context));
    };
    const removal = (token) => ({
        send: (tag, alreadyApplied) => management.toService({
            method: 'DELETE',
            url: tagUrl(tag),
            headers: { accept: 'application/json' },
            originHeaders: { authorization: `Bearer ${token}` },
            maxBodyBytes: http_message/* maxShortBody */.P3,
            alreadyApplied,
        }),
        hintFor: removalHint,
    });
    return {
        ask: async (tag) => void (await tokenFor(tag)),
        remove: async (tag) => removeWith(removal(await cancellation.reading(tokenFor(tag))), tag, context),
    };
}
// Every repository of Docker Hub is in a namespace.
function tagUrl({ repository, tag }) {
    const [namespace = '', ...rest] = repository.path.split('/').map(encodeURIComponent);
    return new URL(`${hub}/v2/namespaces/${namespace}/repositories/${rest.join('/')}/tags/${tag}`);
}
async function requestToken(tag, credential, { management, observer }) {
    const scope = { repository: tag.repository.path, actions: ['pull', 'push'] };
    const { username, password, source } = (0,authorized/* passwordOf */.No)(credential, { registry: reference/* dockerHub */.UD, scope });
    const response = await management.toService({
        method: 'POST',
        url: new URL(`${hub}/v2/auth/token`),
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify({ identifier: username, secret: password }), 'utf8'),
        maxBodyBytes: http_message/* maxShortBody */.P3,
    });
    const { access_token: token } = response.status === 200 ? (0,http_message/* fieldsIn */.t5)(response.body) : {};
    if (typeof token === 'string' && (0,token_server/* isToken */.sg)(token))
        return (0,token_server/* maskedToken */.HT)(token, observer);
    const message = `hub.docker.com returned no token for the login from ${source} (${response.status})`;
    throw new errors/* AuthError */.lR('TOKEN', message, { hint: removalHint(tag, response.status) });
}

// EXTERNAL MODULE: ./src/registry/untag/removals.ts
var removals = __webpack_require__(7968);
;// CONCATENATED MODULE: ./src/registry/untag/github-packages.ts








/** How long GitHub's API may take to list a manifest that its registry has just accepted. */
const listing = { first: 500, max: 4000, time: 20_000 };
const hint = 'Pass a token with `packages: write` in `github-token`, and give the repository the role Admin on the package (package settings, Manage Actions access). Never delete the version of an image that a list needs.';
/**
 * Removes tags of GitHub's registry, which has no request for this. A package version is a digest with its tags, so an
 * empty placeholder is pushed to the tag, and the version with its digest and no other tag is deleted. Whatever fails
 * in between, and a cancellation, sets the tag back to its manifest.
 * https://docs.github.com/en/rest/packages/packages, https://github.com/dataaxiom/ghcr-cleanup-action/issues/63
 */
function githubRemover(context) {
    const ask = (tag) => checkListed(tag, context);
    return {
        ask,
        remove: async (tag) => {
            // Before anything is written: the API must be readable, and know the tag where the registry serves it.
            await context.cancellation.reading(ask(tag));
            await context.cancellation.reading(providePlaceholderContent(context.client, tag.repository));
            if ((await lookAt(tag, context)) === 'absent')
                return 'absent';
            return new Replacement(tag, context).remove();
        },
    };
}
async function checkListed(tag, { packages }) {
    const held = await packages.findVersion(packageOf(tag), tag.manifest.digest);
    if (held?.tags.includes(tag.tag) === true)
        return;
    throw notRemovable(tag, 'The packages API of GitHub does not list the tag', hint);
}
function packageOf(tag) {
    const [owner = '', ...rest] = tag.repository.path.split('/');
    if (rest.length === 0)
        throw notRemovable(tag, 'The tag is not in a package of GitHub', hint);
    return { owner, name: rest.join('/') };
}
/** A tag that gets a placeholder, until both are gone or the tag holds its manifest again. */
class Replacement {
    #tag;
    #placeholder = (0,placeholder/* placeholder */.qf)((0,external_node_crypto_.randomUUID)());
    #context;
    /** Whether the push of the placeholder was answered: otherwise it may still take effect. */
    #push = 'open';
    constructor(tag, context) {
        this.#tag = tag;
        this.#context = context;
    }
    async remove() {
        const { removals, cancellation, observer } = this.#context;
        // A runner that is lost now leaves nothing but this line.
        observer.info(`${(0,staging_tag/* tagName */.wZ)(this.#tag)} holds ${this.#tag.manifest.digest}, and now gets a placeholder`);
        removals.mark(this.#tag, 'placeholder');
        try {
            await cancellation.writing(this.#pushPlaceholder());
            await this.#deletePlaceholder();
            // The API answers 404 for what is deleted already, and for what the token may not delete.
            const failure = notRemovable(this.#tag, 'The packages API of GitHub did not delete the placeholder', hint);
            await waitUntilGone({ ...this.#tag, manifest: this.#placeholder }, this.#context, listing, failure);
        }
        catch (error) {
            await this.#putBack(error);
        }
        return 'removed';
    }
    async #pushPlaceholder() {
        const { client, cancellation } = this.#context;
        const { repository, tag } = this.#tag;
        const isHeld = whileHeld(this.#context, this.#tag);
        try {
            await client.putManifest(repository, tag, this.#placeholder, async () => {
                cancellation.checkGoingOn();
                await isHeld();
            });
        }
        catch (error) {
            if (!(error instanceof errors/* NetworkError */.Dr))
                this.#push = 'answered';
            throw error;
        }
        this.#push = 'answered';
    }
    async #deletePlaceholder() {
        const { packages, cancellation } = this.#context;
        const container = packageOf(this.#tag);
        const { clock } = cancellation;
        const retryUntil = clock.now() + listing.time;
        const version = await (0,poll/* pollUntil */.g)(clock, listing, async () => {
            const found = await cancellation.reading(packages.findVersion(container, this.#placeholder.digest));
            if (found?.tags.includes(this.#tag.tag) === true)
                return { result: found };
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
    async #putBack(cause) {
        const { removals } = this.#context;
        const held = await this.#restore().catch((error) => {
            throw this.#uncertain(error);
        });
        if (held === undefined)
            return;
        if (held === this.#placeholder.digest) {
            removals.mark(this.#tag, 'put back');
            throw (0,errors/* withContext */.eQ)(`${(0,staging_tag/* tagName */.wZ)(this.#tag)} holds ${this.#tag.manifest.digest} again`, cause);
        }
        if (held !== this.#tag.manifest.digest)
            throw new TagChangedError(this.#tag, held);
        if (this.#push === 'open')
            throw this.#uncertain(cause);
        removals.mark(this.#tag, 'left');
        throw cause;
    }
    async #restore() {
        const { client } = this.#context;
        const { repository, tag, manifest } = this.#tag;
        const held = (await client.headManifest(repository, tag))?.digest;
        if (held !== this.#placeholder.digest)
            return held;
        const isReplaced = whileHeld(this.#context, { ...this.#tag, manifest: this.#placeholder });
        await client.putManifest(repository, tag, manifest, isReplaced);
        return held;
    }
    #uncertain(error) {
        if (!(error instanceof errors/* ActionError */.lZ))
            return error;
        const state = `${(0,staging_tag/* tagName */.wZ)(this.#tag)} holds an empty placeholder, or may still get one, not ${this.#tag.manifest.digest}`;
        const remedy = (0,removals/* remedyFor */.w)(this.#tag);
        return new errors/* ActionError */.lZ(error.code, `${state}: ${error.message}`, { hint: remedy, cause: error });
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
    const response = await (0,errors/* orFailure */.wM)(anonymously({ ...ping, tries: 'one' }));
    if (response instanceof errors/* ActionError */.lZ)
        return false;
    const { status, body, answeredBy } = response;
    return status === 200 && answeredBy === undefined && Buffer.from(body).toString('utf8').trim() === 'Pong';
}
/**
 * Removes tags of Harbor with its API, user name and password. A repository's name in a project is encoded twice. A
 * request names tag and digest, so it never removes what another run pushed. Harbor answers 404 also for what the
 * account may not see. https://github.com/goharbor/harbor/blob/main/api/v2.0/swagger.yaml (deleteTag)
 */
function harborRemover(context) {
    const removal = {
        send: (tag, alreadyApplied) => context.management.withPassword({ ...deleteRequest(tag.repository, targetOf(tag)), alreadyApplied }),
        hintFor: () => harbor_hint,
    };
    return {
        ask: (tag) => askWith(removal, tag, context.runId),
        remove: (tag) => removeWith(removal, tag, context),
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
    const { management, github } = context;
    const { registry } = repository;
    if (registry === reference/* dockerHub */.UD)
        return dockerHubRemover(context);
    if (isAmazon(registry))
        return amazonRemover;
    if (isAzure(registry))
        return azureRemover(context);
    if (registry === github.registry || (0,auth_error/* isPackages */.wl)(registry)) {
        const connect = registry === github.registry ? github.connect : undefined;
        return connect === undefined ? withoutToken : githubRemover({ ...context, packages: await connect() });
    }
    return (await isHarbor(repository, management)) ? harborRemover(context) : distributionRemover(context);
}
// It deletes an image with its last tag.
const amazonRemover = refusing((tag) => notRemovable(tag, 'Amazon ECR does not remove single tags safely', removalHint(tag, 405)));
const withoutToken = refusing((tag) => notRemovable(tag, `Only the packages API of GitHub removes tags of ${tag.repository.registry}, and there is no token for it`, 'Pass a token with `packages: write` in `github-token`, in a workflow of the same GitHub server.'));
function refusing(errorFor) {
    const refuse = async (tag) => {
        throw errorFor(tag);
    };
    return { ask: refuse, remove: refuse };
}

;// CONCATENATED MODULE: ./src/pipeline/untag/kept-content.ts




/** Milliseconds that a registry may take to serve a manifest again after one of its tags was removed. */
const kept_content_maxAbsence = 3_000;
/**
 * Reads manifests after tags were removed, and pushes missing ones again, images before lists. Throws VerifyError
 * CONTENT_REMOVED with every manifest that was missing, also if it was put back. A manifest that cannot be read is a
 * warning.
 */
async function checkKept(kept, context) {
    const each = unique(kept);
    const unread = [];
    const isLost = await Promise.all(each.map((content) => isRemoved(content, unread, context)));
    (0,finding/* warnOfCauses */.yk)(unread, context.observer);
    const lost = each.filter((_, at) => isLost[at]).toSorted((one, other) => rankOf(one) - rankOf(other));
    if (lost.length === 0)
        return;
    const states = [];
    let failures = 0;
    for (const content of lost) {
        const failure = await putBack(content, context);
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
/** Whether a manifest or one of its tags is gone; one that cannot be read counts as there, and is added to `unread`. */
async function isRemoved(content, unread, { client, clock }) {
    const retryUntil = clock.now() + kept_content_maxAbsence;
    try {
        return await (0,poll/* pollUntil */.g)(clock, { first: 250, max: 1000 }, async () => {
            if (await kept_content_isServed(content, client))
                return { result: false };
            return { retryUntil, otherwise: () => true };
        });
    }
    catch (error) {
        if (!(error instanceof errors/* ActionError */.lZ))
            throw error;
        unread.push({
            about: describeKept(content),
            say: (names) => `${names} could not be read after tags were removed: ${(0,errors/* messageOf */.bD)(error)}`,
            cause: `${content.repository.registry} ${error.code}`,
        });
        return false;
    }
}
// Some registries remove every tag of a manifest, and keep the manifest.
async function kept_content_isServed({ repository, manifest, tags = [] }, client) {
    // Read the complete list: some registries check its references only then.
    const read = manifest.content.kind === 'index'
        ? client.findManifest(repository, manifest.digest)
        : client.headManifest(repository, manifest.digest);
    const found = await Promise.all([read, ...tags.map((tag) => client.headManifest(repository, tag))]);
    return found.every((each) => each !== undefined);
}
/** Pushes a manifest and its missing tags; returns the reason if that fails. */
async function putBack(content, { client }) {
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






// The remover of each registry is found once.
function removersOf(context) {
    const removers = new memo/* Memo */.l();
    return ({ repository }) => removers.get(repository.registry, () => removerFor(repository, context));
}
/**
 * Removes tags, never content, and then reads everything that must stay: the manifests of the tags and `kept`. In each
 * repository, one tag is removed first; the others follow only if the registry removed that tag and nothing else. A tag
 * that holds another manifest now is not removed. A refusal of the registry is a warning. Throws VerifyError
 * CONTENT_REMOVED when content was lost, also if it was put back. Never ends once the job is cancelled.
 */
function purgeTags(tags, kept, context) {
    for (const tag of tags)
        context.removals.mark(tag, 'left');
    return context.cancellation.during(async () => {
        const removerOf = removersOf(context);
        const groups = Map.groupBy(tags, ({ repository }) => (0,staging_tag/* repositoryIdentity */.Rr)(repository));
        const jobs = [...groups.values()].map((group) => purgeRepository(group, removerOf, context));
        const purged = (await Promise.all(jobs)).flat();
        // After a cancellation, its report says this.
        if (!context.cancellation.isCancelled)
            warnOf(purged, context);
        if (purged.some(({ removal }) => removal.state === 'removed'))
            await checkKept([...tags.map(contentOf), ...kept], context);
        return purged;
    });
}
function contentOf({ repository, manifest }) {
    return { repository, manifest };
}
async function purgeRepository(tags, removerOf, context) {
    const remove = async (tag) => (await removerOf(tag)).remove(tag);
    const purged = [];
    for (const [at, tag] of tags.entries()) {
        const removal = await reported(tag, context, async () => {
            // A tag that is gone or changed is no reason to ask the registry anything.
            return (await lookAt(tag, context)) === 'absent' ? 'absent' : remove(tag);
        });
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
            return { tag: other, removal: await reported(other, context, () => remove(other)) };
        });
        return [...purged, ...(await Promise.all(removals))];
    }
    return purged;
}
/** Why the other tags must not be removed: the registry refused the first one, or also removed its manifest. */
async function stopAfter(tag, removal, context) {
    if (removal.state === 'refused')
        return removal.error;
    // What cannot be read now is read again at the end, with a warning.
    if (removal.state !== 'removed' || !(await isRemoved(contentOf(tag), [], context)))
        return undefined;
    return new errors/* ActionError */.lZ('CONTENT_REMOVED', `Removing ${(0,staging_tag/* tagName */.wZ)(tag)} also removed ${tag.manifest.digest}`);
}
async function reported(tag, { removals, cancellation, observer }, remove) {
    const name = (0,staging_tag/* tagName */.wZ)(tag);
    try {
        cancellation.checkGoingOn();
        const state = await remove();
        removals.mark(tag, state);
        observer.info(state === 'removed' ? `Removed the tag ${name}` : `${name} no longer exists`);
        return { state };
    }
    catch (error) {
        if (!(error instanceof errors/* ActionError */.lZ))
            throw error;
        if (!(error instanceof TagChangedError))
            return { state: 'refused', error };
        removals.mark(tag, 'changed');
        return { state: 'changed', expected: tag.manifest.digest, held: error.held };
    }
}
/** Warns about tags that were not removed, once for each reason; `beginning` is how its text begins. */
function warnOf(purged, { observer }, beginning = 'Not removed') {
    const changed = purged.flatMap(({ tag, removal }) => removal.state === 'changed' ? `${(0,staging_tag/* tagName */.wZ)(tag)} (holds ${removal.held}, not ${removal.expected})` : []);
    if (changed.length > 0)
        observer.warning(`Not removed, because something else pushed it: ${changed.join(', ')}`);
    const refused = purged.flatMap(({ tag, removal }) => {
        return removal.state === 'refused' ? [{ tag, error: removal.error }] : [];
    });
    const reasons = Map.groupBy(refused, ({ error: { message, hint } }) => {
        return hint === undefined ? `${message}.` : `${message}. ${hint}`;
    });
    for (const [reason, tags] of reasons) {
        const names = tags.map(({ tag }) => (0,staging_tag/* tagName */.wZ)(tag)).join(', ');
        observer.warning(`${beginning}: ${names}: ${reason}`);
    }
}
/**
 * Asks registries whether they would remove tags, with reads or the removal of a name that does not exist, and logs
 * the answers. A tag that would not be removed is a warning.
 */
async function rehearseTags(tags, context) {
    const removerOf = removersOf(context);
    const rehearsed = await Promise.all(tags.map((tag) => rehearse(tag, removerOf)));
    for (const { tag, removal } of rehearsed) {
        if (removal.state === 'found')
            context.observer.info(`Would remove the tag ${(0,staging_tag/* tagName */.wZ)(tag)}`);
    }
    const refused = rehearsed.flatMap(({ tag, removal }) => removal.state === 'refused' ? { tag, removal } : []);
    warnOf(refused, context, 'Would not be removed');
    return rehearsed;
}
async function rehearse(tag, removerOf) {
    const error = await (0,errors/* orFailure */.wM)(removerOf(tag).then((remover) => remover.ask(tag)));
    return { tag, removal: error instanceof errors/* ActionError */.lZ ? { state: 'refused', error } : { state: 'found' } };
}


/***/ })

};
