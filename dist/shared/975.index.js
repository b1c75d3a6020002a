export const id = 975;
export const ids = [975];
export const modules = {

/***/ 3975:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   readDraft: () => (/* binding */ readDraft),
/* harmony export */   resolveDraft: () => (/* binding */ resolveDraft)
/* harmony export */ });
/* harmony import */ var _oci_descriptor_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7592);
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8825);
/* harmony import */ var _oci_format_error_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1405);
/* harmony import */ var _oci_json_document_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(973);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(2148);
/* harmony import */ var _run_errors_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(4314);
/* harmony import */ var _input_problem_list_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(9243);
/* harmony import */ var _local_file_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(2428);
/* harmony import */ var _source_error_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(8098);
/* harmony import */ var _draft_directory_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(9712);










/** Bytes of a draft's file: a manifest of 4 MiB in base64 and again as JSON, with room to spare. */
const maxFileSize = 16 * 1024 * 1024;
/**
 * Resolves `docker-manifest:NAME`: the local draft of `docker manifest create` and `docker manifest annotate`, in the
 * order in which `docker manifest push` writes it (by file name).
 *
 * A draft keeps the digests that tags had when it was created. Each source is read from the registry again; if a tag
 * has another image now, it is refused, where docker's CLI would publish the old one (docker/cli#954). Throws
 * SourceError when the draft is missing, damaged or stale.
 */
async function resolveDraft(line, context) {
    const list = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .parseReference */ .F2)(line.locator.name);
    const sources = await readDraft(line, list, context);
    return Promise.all(sources.map((source) => resolveDraftSource(source, list, line, context)));
}
/** Reads the sources of a local draft, in the order of their files; throws SourceError. */
async function readDraft({ line, place }, list, { dockerConfig }) {
    const path = (0,_draft_directory_js__WEBPACK_IMPORTED_MODULE_9__/* .draftDirectory */ .j)(dockerConfig, list);
    const directory = { line, place, path, name: `docker-manifest:${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .familiarReference */ .ZD)(list)}` };
    const entries = await listDraft(directory, list);
    return Promise.all(entries.map(async ({ name }) => readDraftSource((0,_local_file_js__WEBPACK_IMPORTED_MODULE_7__/* .fileIn */ .Ed)(directory, name))));
}
async function listDraft(directory, list) {
    const entries = await (0,_local_file_js__WEBPACK_IMPORTED_MODULE_7__/* .readLocalDirectory */ .Fd)(directory).catch((error) => {
        throw error instanceof _run_errors_js__WEBPACK_IMPORTED_MODULE_5__/* .SourceError */ .c8 ? noDraft(directory, list, error) : error;
    });
    if (entries.length === 0)
        throw noDraft(directory, list);
    if (entries.length <= _input_problem_list_js__WEBPACK_IMPORTED_MODULE_6__/* .maxSources */ .d6)
        return entries;
    throw (0,_source_error_js__WEBPACK_IMPORTED_MODULE_8__/* .sourceError */ .I8)(directory, 'SOURCE_DRAFT', `${directory.name} has more than ${_input_problem_list_js__WEBPACK_IMPORTED_MODULE_6__/* .maxSources */ .d6} sources`);
}
function noDraft(directory, list, cause) {
    return (0,_source_error_js__WEBPACK_IMPORTED_MODULE_8__/* .sourceError */ .I8)(directory, 'SOURCE_DRAFT', `there is no local draft of ${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .familiarReference */ .ZD)(list)}`, {
        hint: `Create it in ${directory.path} with \`docker manifest create ${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .familiarReference */ .ZD)(list)} SOURCE\u2026\`, on the same ` +
            'machine and with the same DOCKER_CONFIG; `docker manifest push --purge` removes it.',
        cause,
    });
}
async function readDraftSource(file) {
    const bytes = await (0,_local_file_js__WEBPACK_IMPORTED_MODULE_7__/* .readLocalFile */ .MM)(file, maxFileSize);
    const { line, place, name } = file;
    return (0,_source_error_js__WEBPACK_IMPORTED_MODULE_8__/* .parseSource */ .PJ)({ line, place, code: 'SOURCE_DRAFT', name: (0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .quote */ .hD)(name) }, () => {
        const draft = (0,_oci_json_document_js__WEBPACK_IMPORTED_MODULE_3__/* .objectAt */ .lJ)((0,_oci_json_document_js__WEBPACK_IMPORTED_MODULE_3__/* .parseJsonDocument */ .dH)(bytes, 'allow'), 'the draft');
        const descriptor = (0,_oci_json_document_js__WEBPACK_IMPORTED_MODULE_3__/* .objectAt */ .lJ)(draft['Descriptor'], 'Descriptor');
        return {
            reference: (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .parseReference */ .F2)((0,_oci_json_document_js__WEBPACK_IMPORTED_MODULE_3__/* .stringAt */ .bX)(draft['Ref'], 'Ref')),
            digest: (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_1__/* .parseDigest */ .m)((0,_oci_json_document_js__WEBPACK_IMPORTED_MODULE_3__/* .stringAt */ .bX)(descriptor['digest'], 'Descriptor.digest')),
            platform: (0,_oci_descriptor_js__WEBPACK_IMPORTED_MODULE_0__/* .platformAt */ .dl)(descriptor['platform'], 'Descriptor.platform'),
            mediaType: (0,_oci_json_document_js__WEBPACK_IMPORTED_MODULE_3__/* .stringAt */ .bX)(descriptor['mediaType'], 'Descriptor.mediaType'),
            raw: Buffer.from((0,_oci_json_document_js__WEBPACK_IMPORTED_MODULE_3__/* .stringAt */ .bX)(draft['Raw'], 'Raw'), 'base64'),
        };
    });
}
async function resolveDraftSource({ reference, digest, platform }, list, line, context) {
    const resolved = await context.fetch(line, reference);
    const served = resolved.manifest.digest;
    if (served === digest) {
        return { ...resolved, label: (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .formatReference */ .FH)(reference), ...(platform ? { platform } : {}) };
    }
    const name = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .familiarReference */ .ZD)(list);
    const message = `the local draft of ${name} is stale: it has ${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .familiarReference */ .ZD)(reference)} as ${digest}, ` +
        `but the registry now serves ${served}`;
    throw (0,_source_error_js__WEBPACK_IMPORTED_MODULE_8__/* .sourceError */ .I8)(line, 'SOURCE_DRAFT_STALE', message, {
        hint: `Run \`docker manifest rm ${name}\`, then create and annotate the draft again ` +
            '(`create --amend` keeps the old digests), or list the sources themselves instead of the draft.',
    });
}


/***/ })

};
