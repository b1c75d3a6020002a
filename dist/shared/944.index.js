export const id = 944;
export const ids = [944];
export const modules = {

/***/ 3944:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  compareVersions: () => (/* binding */ forward_only_compareVersions)
});

// EXTERNAL MODULE: ./src/oci/config.ts
var oci_config = __webpack_require__(5335);
// EXTERNAL MODULE: ./src/oci/format-error.ts
var format_error = __webpack_require__(1405);
// EXTERNAL MODULE: ./src/oci/media-types.ts
var media_types = __webpack_require__(9217);
// EXTERNAL MODULE: ./src/oci/reference.ts
var reference = __webpack_require__(2148);
// EXTERNAL MODULE: ./src/policy/puller.ts + 1 modules
var puller = __webpack_require__(615);
// EXTERNAL MODULE: ./node_modules/semver/functions/compare.js
var compare = __webpack_require__(8469);
var compare_default = /*#__PURE__*/__webpack_require__.n(compare);
// EXTERNAL MODULE: ./node_modules/semver/functions/parse.js
var parse = __webpack_require__(6353);
var parse_default = /*#__PURE__*/__webpack_require__.n(parse);
// EXTERNAL MODULE: ./src/policy/revision-mismatch.ts
var revision_mismatch = __webpack_require__(3510);
;// CONCATENATED MODULE: ./src/policy/release-version.ts



/** The annotation and the label of a version (OCI image-spec 1.1, annotations.md). */
const versionKey = 'org.opencontainers.image.version';
/**
 * The version that a list states, the first of these that is a semantic version (three numbers, `v` allowed): its
 * annotation {@link versionKey}, else the highest of the tags that hold it, or will. Undefined when neither is one.
 */
function statedVersion(annotation, tags) {
    if (annotation !== undefined && isVersion(annotation))
        return annotation;
    return tags.filter(isVersion).toSorted(compareVersions).at(-1);
}
/** The version in the labels of a list's images, if all of them carry the same one. */
function labelledVersion(images) {
    const [first, ...others] = images.map(labelOf);
    if (first === undefined || !isVersion(first))
        return undefined;
    return others.every((label) => isSameVersion(label, first)) ? first : undefined;
}
/** Whether an image has something else in its label than the version of its list: base images pass on their labels. */
function hasForeignLabel(images, version) {
    return images.map(labelOf).some((label) => label !== undefined && !isSameVersion(label, version));
}
/** Whether a text is a semantic version, with or without `v`; loosely, since calendar versions have zeros in front. */
function isVersion(text) {
    return parse_default()(text, { loose: true }) !== null;
}
/** Whether a version is older than another one; both are semantic versions. */
function isOlder(version, other) {
    return compareVersions(version, other) < 0;
}
function labelOf({ labels: { version }, platform }) {
    return version && (0,revision_mismatch/* withoutPlatform */.I)(version, platform);
}
function isSameVersion(label, version) {
    return label !== undefined && isVersion(label) && compareVersions(label, version) === 0;
}
function compareVersions(one, other) {
    return compare_default()(one, other, { loose: true });
}

// EXTERNAL MODULE: ./src/run/errors.ts
var errors = __webpack_require__(4314);
// EXTERNAL MODULE: ./src/pipeline/list.ts
var pipeline_list = __webpack_require__(860);
// EXTERNAL MODULE: ./src/pipeline/guards/served-content.ts
var served_content = __webpack_require__(3592);
;// CONCATENATED MODULE: ./src/pipeline/guards/forward-only.ts









/** Maximum images of one list whose labels are read: its author is not known. */
const maxImages = 64;
/**
 * Compares the version of a list with the versions that some of its tags hold. Gives the tags that hold a newer version,
 * and findings about tags that move although the version that they hold is not known. Throws InputError when the version
 * of the list is not known, and ConflictError PREVIOUS_UNREADABLE when what a tag holds cannot be read.
 */
async function forward_only_compareVersions(list, tags, context) {
    const guarded = tags.filter((tag) => (0,pipeline_list/* isForwardOnly */.yA)(tag, list));
    if (guarded.length === 0 || (await keepsVersion(list, context.readings)))
        return { heldBack: [], warnings: [] };
    const ours = versionOf(list);
    const found = await Promise.all(guarded.map((tag) => heldBack(tag, list, ours, context)));
    return {
        heldBack: found.flatMap((each) => (each && 'held' in each ? each : [])),
        warnings: [...found.flatMap((each) => (each && 'say' in each ? each : [])), ...untoldVersion(ours)],
    };
}
// An amended list has the version of the list that it is made from, unless the annotations give it another one.
async function keepsVersion(list, readings) {
    const { tags, annotations } = list.request;
    if (!(0,pipeline_list/* isAmended */.R8)(list) || annotations.index[versionKey] !== undefined)
        return false;
    const held = await Promise.all([...tags, ...(list.heldBack ?? [])].map((tag) => readings.of(tag)));
    return held.some((content) => content !== undefined);
}
function versionOf(list) {
    const { request, manifest, members, heldBack = [] } = list;
    const tags = [...request.tags, ...heldBack];
    const images = members.flatMap(({ kind, descriptor: { platform }, labels = {} }) => {
        return kind === 'image' ? [{ platform, labels }] : [];
    });
    const annotation = manifest.content.annotations?.[versionKey];
    const names = tags.map(({ tag }) => tag);
    const labelled = labelledVersion(images);
    const stated = statedVersion(annotation, names) ?? labelled;
    if (stated === undefined)
        throw unversioned(tags.filter((tag) => (0,pipeline_list/* isForwardOnly */.yA)(tag, list)));
    const labels = hasForeignLabel(images, stated) ? 'ignore' : 'use';
    const isTold = (labelled !== undefined && labels === 'use') || isVersion(annotation ?? stated);
    return { version: stated, labels, annotation: isTold ? undefined : annotation };
}
async function heldBack(tag, { manifest }, ours, context) {
    const held = await context.readings.of(tag);
    if (held === undefined || held === manifest.digest)
        return undefined;
    if (held === 'unknown')
        throw unreadable(tag, 'the registry denied the read', 'Give the login permission to read the tag.');
    const found = await heldVersion(tag, held, ours, context);
    if ('unknown' in found)
        return movesUnchecked(tag, held, ours, found.unknown);
    if (!isOlder(ours.version, found.version))
        return undefined;
    return { ...tag, held, version: found.version, newVersion: ours.version };
}
async function heldVersion(tag, held, ours, { readings, served, client, tags }) {
    const list = await served.manifestOf(tag.repository, held);
    if ('kind' in list)
        throw unreadable(tag, list.reason, list.hint);
    const neighbours = tags.filter(({ repository }) => (0,reference/* sameRepository */.RB)(repository, tag.repository));
    const contents = await Promise.all(neighbours.map((each) => readings.of(each)));
    const names = neighbours.filter((_, at) => contents[at] === held).map((each) => each.tag);
    const annotation = list.content.annotations?.[versionKey];
    const stated = statedVersion(annotation, names);
    if (stated !== undefined)
        return { version: stated };
    const told = annotation === undefined ? '' : ` (its annotation ${versionKey} is ${(0,format_error/* quote */.hD)(annotation)})`;
    if (ours.labels === 'ignore')
        return {
            unknown: told || ` (the labels of the new images do not say ${ours.version}, so labels do not count)`,
        };
    const images = await servedLabels(tag.repository, list, { served, client });
    if ('kind' in images)
        throw unreadable(tag, images.reason, images.hint);
    const version = labelledVersion(images);
    return version === undefined ? { unknown: told } : { version };
}
/** Reads the labels of the images that a tag serves, none of a very long list; returns failures as harmless() does. */
async function servedLabels(repository, { content, ...manifest }, { served, client }) {
    const entries = content.kind === 'index' ? content.manifests.filter(puller/* isChoosable */.z) : [manifest];
    if (entries.length > maxImages)
        return [];
    const read = async ({ digest, platform }) => {
        const image = await served.manifestOf(repository, digest);
        if ('kind' in image)
            return image;
        const config = image.content.kind === 'image' ? image.content.config : undefined;
        if (config === undefined || !(0,media_types/* isConfigType */.lJ)(config.mediaType))
            return [];
        return (0,served_content/* harmless */.I)(async () => {
            const stated = (0,oci_config/* parseConfig */.o)(await client.getBlob(repository, config));
            return [{ platform: platform ?? stated.platform, labels: stated.labels }];
        });
    };
    const found = await Promise.all(entries.map(read));
    return found.find((each) => 'kind' in each) ?? found.flatMap((each) => ('kind' in each ? [] : each));
}
const example = `annotations: ${versionKey}=1.2.3`;
function unversioned([first]) {
    const name = first === undefined ? 'a tag' : (0,reference/* formatReference */.FH)(first);
    const message = `${name} must not go back, but the version of the new list is not known: it has no annotation ${versionKey}, none of its tags is a version, and its images have no common label of that name`;
    return new errors/* InputError */.dz([{ input: 'forward-only-tags', message }], {
        hint: `Set \`${example}\`, or publish the tag of the complete version in the same list.`,
    });
}
function unreadable(tag, reason, hint = 'Publish another tag.') {
    const message = `${(0,reference/* formatReference */.FH)(tag)} must not go back, but the version that it holds could not be read: ${reason}`;
    return new errors/* ConflictError */.fK('PREVIOUS_UNREADABLE', message, {
        hint: `${hint} Or remove the pattern from \`forward-only-tags\`.`,
    });
}
function movesUnchecked(tag, held, { version }, why) {
    const say = (names) => `${names}: moving to ${version}, although the version there (${held}) is not known${why}. Set \`${example}\` on every list, so that forward-only-tags can compare them.`;
    return { about: (0,reference/* formatReference */.FH)(tag), say };
}
// The tags that tell the version of a list now may not be tags of the next one.
function untoldVersion({ version, annotation }) {
    if (annotation === undefined)
        return [];
    const message = `The annotation ${versionKey} of the list is ${(0,format_error/* quote */.hD)(annotation)}, which is no version, so later runs cannot compare this list with theirs. Set \`annotations: index:${versionKey}=${version}\`.`;
    return [{ about: version, say: () => message }];
}


/***/ })

};
