export const id = 557;
export const ids = [557];
export const modules = {

/***/ 4557:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   purgeListed: () => (/* binding */ purgeListed)
/* harmony export */ });
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2148);
/* harmony import */ var _registry_untag_staging_tag_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2461);
/* harmony import */ var _run_errors_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4314);
/* harmony import */ var _sources_tree_limits_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7317);
/* harmony import */ var _purge_tags_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6650);





/**
 * Removes tags that a user lists, with any content; a tag that does not exist is not an error. Their manifests, and the
 * images of lists among them, must still exist afterwards. A tag that cannot be read completely, or that the registry
 * does not remove, stays and is a warning. Throws VerifyError CONTENT_REMOVED. A dry run asks: see rehearseTags.
 */
async function purgeListed(tags, mode, context) {
    const found = await Promise.all(tags.map((tag) => findTag(tag, mode, context)));
    (0,_purge_tags_js__WEBPACK_IMPORTED_MODULE_4__/* .warnOf */ .c$)(found.filter((each) => 'removal' in each), context);
    const staging = found.flatMap((each) => 'manifest' in each ? [{ ...each.tag, manifest: each.manifest }] : []);
    const kept = found.flatMap((each) => ('children' in each ? each.children : []));
    const done = mode === 'purge' ? await (0,_purge_tags_js__WEBPACK_IMPORTED_MODULE_4__/* .purgeTags */ .jT)(staging, kept, context) : await (0,_purge_tags_js__WEBPACK_IMPORTED_MODULE_4__/* .rehearseTags */ .tg)(staging, context);
    const byName = new Map(done.map((each) => [(0,_registry_untag_staging_tag_js__WEBPACK_IMPORTED_MODULE_1__/* .tagName */ .wZ)(each.tag), each]));
    return found.flatMap((each) => ('removal' in each ? each : (byName.get((0,_registry_untag_staging_tag_js__WEBPACK_IMPORTED_MODULE_1__/* .tagName */ .wZ)(each.tag)) ?? [])));
}
async function findTag(tag, mode, context) {
    const { client, observer } = context;
    try {
        const manifest = await client.findManifest(tag.repository, tag.tag);
        if (manifest === undefined) {
            observer.info(`${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_0__/* .formatReference */ .FH)(tag)} does not exist`);
            return { tag, removal: { state: 'absent' } };
        }
        const children = mode === 'purge' ? await childrenOf({ ...tag, manifest }, context) : [];
        return { tag, manifest, children };
    }
    catch (error) {
        if (error instanceof _run_errors_js__WEBPACK_IMPORTED_MODULE_2__/* .ActionError */ .lZ)
            return { tag, removal: { state: 'refused', error } };
        throw error;
    }
}
/** The manifests of a list that exist in its repository. */
async function childrenOf({ repository, tag, manifest }, { client }) {
    const { content } = manifest;
    if (content.kind === 'image')
        return [];
    const name = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_0__/* .formatReference */ .FH)({ repository, tag });
    new _sources_tree_limits_js__WEBPACK_IMPORTED_MODULE_3__/* .TreeLimits */ .x(name, 'Remove this tag by hand.').enter(content, 1);
    const read = ({ digest, size }) => client.findManifest(repository, digest, size);
    const children = await Promise.all(content.manifests.map(read));
    return children.flatMap((child) => (child === undefined ? [] : [{ repository, manifest: child }]));
}


/***/ })

};
