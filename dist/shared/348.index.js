export const id = 348;
export const ids = [348];
export const modules = {

/***/ 6348:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   purgeSources: () => (/* binding */ purgeSources)
/* harmony export */ });
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2148);
/* harmony import */ var _purge_tags_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3926);
/* harmony import */ var _staging_tags_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8491);



/**
 * Removes the tags of the sources of lists that were published and read back. The lists, their tags and their entries
 * must still exist afterwards. A tag that is not removed is a warning. Throws VerifyError CONTENT_REMOVED.
 */
async function purgeSources(lists, context) {
    const tags = (0,_staging_tags_js__WEBPACK_IMPORTED_MODULE_2__/* .stagingTagsOf */ .C)(lists.flatMap(({ plan }) => plan.resolvedSources));
    const purged = await (0,_purge_tags_js__WEBPACK_IMPORTED_MODULE_1__/* .purgeTags */ .j)(tags, lists.flatMap(keptOf), context);
    const removed = purged.filter(({ removal }) => removal.state === 'removed');
    return removed.flatMap(({ tag: { repository, tag } }) => {
        const name = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_0__/* .formatReference */ .FH)({ repository, tag });
        const list = lists.find((each) => stagingNames(each).includes(name));
        return list === undefined ? [] : [{ name, list }];
    });
}
function stagingNames({ plan }) {
    return (0,_staging_tags_js__WEBPACK_IMPORTED_MODULE_2__/* .stagingTagsOf */ .C)(plan.resolvedSources).map(({ repository, tag }) => (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_0__/* .formatReference */ .FH)({ repository, tag }));
}
function keptOf({ targets, manifest, members }) {
    const published = targets.flatMap(({ repository, tags }) => [
        ...members.map((member) => ({ repository, manifest: member.manifest })),
        { repository, manifest, tags },
    ]);
    // The entries of a source list must stay in the repository of the source.
    const sources = members.flatMap(({ store, manifest, origin }) => origin === 'index' && store.repository !== undefined ? [{ repository: store.repository, manifest }] : []);
    return [...published, ...sources];
}


/***/ })

};
