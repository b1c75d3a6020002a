export const id = 348;
export const ids = [348];
export const modules = {

/***/ 6348:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   purgeSources: () => (/* binding */ purgeSources),
/* harmony export */   rehearseSources: () => (/* binding */ rehearseSources)
/* harmony export */ });
/* harmony import */ var _registry_untag_staging_tag_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2461);
/* harmony import */ var _run_errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4314);
/* harmony import */ var _run_finding_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(2856);
/* harmony import */ var _sources_source_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(813);
/* harmony import */ var _purge_tags_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6650);
/* harmony import */ var _staging_tags_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(8491);






/**
 * Removes the tags of the sources of lists that were published and read back. The lists, their tags and their entries
 * must still exist afterwards. A tag that is not removed is a warning. Throws VerifyError CONTENT_REMOVED.
 */
async function purgeSources(lists, context) {
    const { tags, kept } = await wholeContent(lists, context);
    const purged = await (0,_purge_tags_js__WEBPACK_IMPORTED_MODULE_3__/* .purgeTags */ .jT)(tags, kept, context);
    const removed = purged.filter(({ removal }) => removal.state === 'removed');
    return removed.flatMap(({ tag }) => {
        const list = lists.find(({ resolvedSources }) => (0,_staging_tags_js__WEBPACK_IMPORTED_MODULE_4__/* .stagingTagsOf */ .C)(resolvedSources).some((each) => (0,_registry_untag_staging_tag_js__WEBPACK_IMPORTED_MODULE_0__/* .tagIdentity */ .T$)(each) === (0,_registry_untag_staging_tag_js__WEBPACK_IMPORTED_MODULE_0__/* .tagIdentity */ .T$)(tag)));
        return list === undefined ? [] : [{ name: (0,_registry_untag_staging_tag_js__WEBPACK_IMPORTED_MODULE_0__/* .tagName */ .wZ)(tag), list }];
    });
}
/** Asks whether the tags of the sources would be removed, and logs the answers; removes nothing. */
async function rehearseSources(lists, context) {
    await (0,_purge_tags_js__WEBPACK_IMPORTED_MODULE_3__/* .rehearseTags */ .tg)(await removableTags(lists, context), context);
}
// A registry may have several host names, and other paths under each: the tag of a source may be the published one.
function removableTags(lists, { observer }) {
    const published = lists.flatMap(({ targets, manifest }) => targets.flatMap(({ repository, tags }) => tags.map((tag) => ({ repository, tag, digest: manifest.digest }))));
    const left = [];
    const tags = (0,_staging_tags_js__WEBPACK_IMPORTED_MODULE_4__/* .stagingTagsOf */ .C)(lists.flatMap(({ resolvedSources }) => resolvedSources)).filter((staging) => {
        const { repository, tag, manifest } = staging;
        const isPublished = published.some((held) => {
            const isAlias = held.repository.registry !== repository.registry || held.repository.path === repository.path;
            return isAlias && held.tag === tag && held.digest === manifest.digest;
        });
        if (isPublished)
            left.push({ about: (0,_registry_untag_staging_tag_js__WEBPACK_IMPORTED_MODULE_0__/* .tagName */ .wZ)(staging), say: mayBePublished });
        return !isPublished;
    });
    (0,_run_finding_js__WEBPACK_IMPORTED_MODULE_5__/* .warnOfCauses */ .yk)(left, observer);
    return Promise.all(tags.map(async (tag) => ({ ...tag, manifest: await (0,_sources_source_js__WEBPACK_IMPORTED_MODULE_2__/* .wholeManifest */ .d)(tag) })));
}
const mayBePublished = (names) => `Not removed: ${names}: a published tag has the same name and content, and the two hosts may be one registry. If they are not, remove it with the purge action.`;
/** The tags to remove and everything to keep, with the bytes that would put them back; nothing if they cannot be read. */
async function wholeContent(lists, context) {
    try {
        return { tags: await removableTags(lists, context), kept: (await Promise.all(lists.map(keptOf))).flat() };
    }
    catch (error) {
        if (!(error instanceof _run_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .ActionError */ .lZ))
            throw error;
        context.observer.warning(`The tags of sources were not removed: ${(0,_run_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .messageOf */ .bD)(error)}`);
        return { tags: [], kept: [] };
    }
}
async function keptOf({ targets, manifest, members }) {
    const whole = await Promise.all(members.map(async (member) => ({ ...member, manifest: await (0,_sources_source_js__WEBPACK_IMPORTED_MODULE_2__/* .wholeManifest */ .d)(member) })));
    const published = targets.flatMap(({ repository, tags }) => [
        ...whole.map((member) => ({ repository, manifest: member.manifest })),
        { repository, manifest, tags },
    ]);
    // The entries of a source list must stay in the repository of the source.
    const sources = whole.flatMap(({ store, manifest, suppliedBy }) => suppliedBy === 'index' && store.repository !== undefined
        ? [{ repository: store.repository, manifest }]
        : []);
    return [...published, ...sources];
}


/***/ })

};
