export const id = 276;
export const ids = [276];
export const modules = {

/***/ 9276:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   resolveMetadata: () => (/* binding */ resolveMetadata)
/* harmony export */ });
/* harmony import */ var _oci_format_error_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1405);
/* harmony import */ var _oci_json_document_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(973);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2148);
/* harmony import */ var _run_finding_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(2856);
/* harmony import */ var _build_result_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(3542);
/* harmony import */ var _local_file_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(2428);
/* harmony import */ var _source_error_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(8098);
/* harmony import */ var _digest_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(6169);








/** Bytes of a metadata file; with provenance it has a few hundred kilobytes. */
const maxFileSize = 64 * 1024 * 1024;
/**
 * Resolves `metadata:FILE`: the metadata that docker/build-push-action or `buildx build --metadata-file` wrote for one
 * image, or docker/bake-action for several targets, in the file's order.
 *
 * An image is read from the repository of `image.name`; of several names, a repository of the targets is preferred. Any
 * other one gets a warning, because the file may be another build's. Without a name, it is read from the one repository
 * of all targets. Throws SourceError for a target without a digest, which was built but not exported as an image.
 */
async function resolveMetadata(line, context) {
    const file = (0,_local_file_js__WEBPACK_IMPORTED_MODULE_4__/* .localFile */ .C1)(line, line.locator.path, context.directory);
    const bytes = await (0,_local_file_js__WEBPACK_IMPORTED_MODULE_4__/* .readLocalFile */ .MM)(file, maxFileSize);
    // Every warning comes before the first read, which may send a login.
    const builds = [];
    const strange = [];
    for (const each of readBuilds(file, bytes))
        builds.push({ ...each, name: await chooseName(each, strange, context) });
    (0,_run_finding_js__WEBPACK_IMPORTED_MODULE_7__/* .warnOfCauses */ .yk)(strange, context.observer);
    return Promise.all(builds.map(async ({ label, build, name }) => {
        const resolved = name
            ? await context.fetch(line, { repository: name.repository, digest: build.digest })
            : await (0,_digest_js__WEBPACK_IMPORTED_MODULE_6__/* .fetchDigest */ .x)(line, build.digest, context);
        return { ...resolved, label };
    }));
}
function readBuilds(file, bytes) {
    const document = parseMetadata(file, file.name, () => (0,_oci_json_document_js__WEBPACK_IMPORTED_MODULE_1__/* .objectAt */ .lJ)((0,_oci_json_document_js__WEBPACK_IMPORTED_MODULE_1__/* .parseJsonDocument */ .dH)(bytes, 'allow'), 'the metadata'));
    if ((0,_build_result_js__WEBPACK_IMPORTED_MODULE_3__/* .isBuildResult */ .AM)(document))
        return [readBuild(file, file.name, document)];
    const targets = Object.entries(document).filter(([key]) => !(0,_build_result_js__WEBPACK_IMPORTED_MODULE_3__/* .isBuildRecord */ .yD)(key));
    if (targets.length > 0)
        return targets.map(([target, value], at) => {
            // Names of bake's targets; any other key may be the content of a file that is not metadata.
            const name = /^[A-Za-z0-9_-]{1,64}$/.test(target) ? target : at + 1;
            return readBuild(file, `${file.name}#${name}`, value);
        });
    throw (0,_source_error_js__WEBPACK_IMPORTED_MODULE_5__/* .sourceError */ .I8)(file, 'SOURCE_METADATA', `${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(file.name)} has no image`, { hint: exportHint });
}
function readBuild(file, label, value) {
    const target = parseMetadata(file, label, () => (0,_oci_json_document_js__WEBPACK_IMPORTED_MODULE_1__/* .objectAt */ .lJ)(value, 'the target'));
    if ((0,_build_result_js__WEBPACK_IMPORTED_MODULE_3__/* .isBuildResult */ .AM)(target))
        return { label, build: parseMetadata(file, label, () => (0,_build_result_js__WEBPACK_IMPORTED_MODULE_3__/* .parseBuildResult */ .FG)(target)) };
    const message = `${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(label)} has no containerimage.digest`;
    throw (0,_source_error_js__WEBPACK_IMPORTED_MODULE_5__/* .sourceError */ .I8)(file, 'SOURCE_METADATA', message, { hint: exportHint });
}
const exportHint = 'Build again with `push: true` or `outputs: type=image,push-by-digest=true,push=true`: only then does the build ' +
    'write a digest. Write the metadata file for image targets only.';
function parseMetadata(file, label, parse) {
    return (0,_source_error_js__WEBPACK_IMPORTED_MODULE_5__/* .parseSource */ .PJ)({ line: file.line, code: 'SOURCE_METADATA', name: (0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(label) }, parse);
}
async function chooseName({ label, build: { names } }, strange, { targets, mayLogIn }) {
    const own = names.find((name) => targets.some((target) => (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .sameRepository */ .RB)(name.repository, target)));
    const [first] = names;
    if (own !== undefined || first === undefined)
        return own;
    const { registry } = first.repository;
    const isStrange = targets.every((target) => target.registry !== registry);
    const login = isStrange &&
        ((await mayLogIn(first.repository)) ? 'a login may be sent to it' : 'no login is sent to it');
    const end = login === false ? '' : `. None of the tags is in ${registry}; ${login}`;
    strange.push({
        about: `${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(label)} in ${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .formatRepository */ .Sh)(first.repository)}`,
        say: (images) => `Not in the repository of any tag: ${images}: check that it is the metadata of this build${end}`,
    });
    return first;
}


/***/ })

};
