export const id = 496;
export const ids = [496];
export const modules = {

/***/ 7496:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   resolveDraft: () => (/* binding */ resolveDraft)
/* harmony export */ });
/* harmony import */ var _oci_descriptor_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7592);
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8825);
/* harmony import */ var _oci_format_error_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1405);
/* harmony import */ var _oci_json_document_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(973);
/* harmony import */ var _oci_json_field_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7974);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(2148);
/* harmony import */ var _registry_errors_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(6764);
/* harmony import */ var _draft_directory_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(1007);
/* harmony import */ var _local_file_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(2428);
/* harmony import */ var _source_error_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(8098);
/* harmony import */ var _source_list_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(5490);











/** Bytes of a draft's file that are read: a manifest of 4 MiB in base64 and again as JSON, with room. */
const fileLimit = 16 * 1024 * 1024;
/**
 * Resolves `docker-manifest:NAME`: the local draft that `docker manifest create` made and
 * `docker manifest annotate` changed, in the order in which `docker manifest push` would write it (by file name).
 *
 * A draft keeps what a tag held when it was made. Each of its sources is read from the registry again, and one that
 * holds another image by now is refused, where docker's CLI would publish the old one.
 *
 * @throws SourceError when there is no such draft, when it is damaged, and when it is stale.
 */
async function resolveDraft(line, context) {
    const list = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .parseReference */ .F2)(line.locator.name);
    const sources = await readDraft(line, list, context);
    return Promise.all(sources.map((source) => resolveDraftSource(source, list, { line, context })));
}
async function readDraft({ line }, list, context) {
    const path = (0,_draft_directory_js__WEBPACK_IMPORTED_MODULE_7__/* .draftDirectory */ .j)(context.dockerConfig, list);
    const directory = { line, path, name: `docker-manifest:${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .familiarReference */ .ZD)(list)}` };
    const entries = await listDraft(directory, list);
    return Promise.all(entries.map(async ({ name }) => readDraftSource((0,_local_file_js__WEBPACK_IMPORTED_MODULE_8__/* .fileIn */ .Ed)(directory, name))));
}
async function listDraft(directory, list) {
    const entries = await (0,_local_file_js__WEBPACK_IMPORTED_MODULE_8__/* .readLocalDirectory */ .Fd)(directory).catch((error) => {
        throw error instanceof _registry_errors_js__WEBPACK_IMPORTED_MODULE_6__/* .SourceError */ .c8 ? noDraft(directory, list, error) : error;
    });
    if (entries.length === 0)
        throw noDraft(directory, list);
    if (entries.length <= _source_list_js__WEBPACK_IMPORTED_MODULE_10__/* .sourceLimit */ .X)
        return entries;
    throw (0,_source_error_js__WEBPACK_IMPORTED_MODULE_9__/* .sourceError */ .I)(directory, 'SOURCE_DRAFT', `${directory.name} holds more than ${_source_list_js__WEBPACK_IMPORTED_MODULE_10__/* .sourceLimit */ .X} sources`);
}
function noDraft(directory, list, cause) {
    return (0,_source_error_js__WEBPACK_IMPORTED_MODULE_9__/* .sourceError */ .I)(directory, 'SOURCE_DRAFT', `there is no local draft of ${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .familiarReference */ .ZD)(list)}`, {
        hint: `Looked in ${directory.path}. \`docker manifest create ${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .familiarReference */ .ZD)(list)} SOURCE\u2026\` makes it, ` +
            'on the same machine and with the same DOCKER_CONFIG; `docker manifest push --purge` removes it.',
        cause,
    });
}
async function readDraftSource(file) {
    const bytes = await (0,_local_file_js__WEBPACK_IMPORTED_MODULE_8__/* .readLocalFile */ .MM)(file, fileLimit);
    try {
        const draft = (0,_oci_json_field_js__WEBPACK_IMPORTED_MODULE_4__/* .objectAt */ .lJ)((0,_oci_json_document_js__WEBPACK_IMPORTED_MODULE_3__/* .parseJsonDocument */ .d)(bytes, 'allow'), 'the draft');
        const descriptor = (0,_oci_json_field_js__WEBPACK_IMPORTED_MODULE_4__/* .objectAt */ .lJ)(draft['Descriptor'], 'Descriptor');
        return {
            reference: (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .parseReference */ .F2)((0,_oci_json_field_js__WEBPACK_IMPORTED_MODULE_4__/* .wordAt */ .E7)(draft['Ref'], 'Ref')),
            digest: (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_1__/* .parseDigest */ .m)((0,_oci_json_field_js__WEBPACK_IMPORTED_MODULE_4__/* .wordAt */ .E7)(descriptor['digest'], 'Descriptor.digest')),
            platform: (0,_oci_descriptor_js__WEBPACK_IMPORTED_MODULE_0__/* .platformAt */ .d)(descriptor['platform'], 'Descriptor.platform'),
        };
    }
    catch (error) {
        throw (0,_source_error_js__WEBPACK_IMPORTED_MODULE_9__/* .formatFlaw */ .A)(file, 'SOURCE_DRAFT', (0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .quote */ .hD)(file.name), error);
    }
}
async function resolveDraftSource({ reference, digest, platform }, list, { line, context }) {
    const resolved = await context.fetch(line, reference);
    const served = resolved.manifest.digest;
    if (served === digest) {
        return { ...resolved, label: (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .formatReference */ .FH)(reference), ...(platform ? { platform } : {}) };
    }
    const name = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .familiarReference */ .ZD)(list);
    const message = `the local draft of ${name} is stale: it holds ${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .familiarReference */ .ZD)(reference)} as ${digest}, ` +
        `but the registry serves ${served} there now`;
    throw (0,_source_error_js__WEBPACK_IMPORTED_MODULE_9__/* .sourceError */ .I)(line, 'SOURCE_DRAFT_STALE', message, {
        hint: `Make the draft anew: \`docker manifest rm ${name}\`, then create and annotate it again ` +
            '(`create --amend` keeps the old digests). Or list the sources themselves in place of the draft.',
    });
}


/***/ }),

/***/ 2428:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   C1: () => (/* binding */ localFile),
/* harmony export */   Ed: () => (/* binding */ fileIn),
/* harmony export */   Fd: () => (/* binding */ readLocalDirectory),
/* harmony export */   MM: () => (/* binding */ readLocalFile),
/* harmony export */   T1: () => (/* binding */ statFile),
/* harmony export */   zS: () => (/* binding */ fileError)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _oci_format_error_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1405);
/* harmony import */ var _source_error_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8098);




/** The file a line names by a path relative to the workspace. */
function localFile({ line }, path, directory) {
    return { line, path: (0,node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(directory, path), name: path };
}
/** A file in a directory. */
function fileIn(directory, name) {
    return {
        line: directory.line,
        path: (0,node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(directory.path, name),
        name: `${directory.name.replace(/[\\/]+$/, '')}/${name}`,
    };
}
/** @throws SourceError when there is nothing, or nothing that may be looked at. */
async function statFile(file) {
    try {
        return await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.stat)(file.path);
    }
    catch (error) {
        throw fileError(file, error);
    }
}
/**
 * Reads a file whole.
 *
 * @throws SourceError when it is absent, no regular file, or larger than `limit` bytes.
 */
async function readLocalFile(file, limit) {
    const stats = await statFile(file);
    if (!stats.isFile())
        throw (0,_source_error_js__WEBPACK_IMPORTED_MODULE_3__/* .sourceError */ .I)(file, 'SOURCE_FILE', `${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .quote */ .hD)(file.name)} is no regular file`);
    if (stats.size > limit) {
        const message = `${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .quote */ .hD)(file.name)} has ${stats.size} bytes; at most ${limit} are read`;
        throw (0,_source_error_js__WEBPACK_IMPORTED_MODULE_3__/* .sourceError */ .I)(file, 'SOURCE_FILE', message);
    }
    try {
        return await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)(file.path);
    }
    catch (error) {
        throw fileError(file, error);
    }
}
/** The entries of a directory, sorted by name; names that start with a dot are left out. */
async function readLocalDirectory(directory) {
    try {
        const entries = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readdir)(directory.path, { withFileTypes: true });
        return entries.filter(({ name }) => !name.startsWith('.')).sort(byName);
    }
    catch (error) {
        throw fileError(directory, error);
    }
}
function byName(a, b) {
    if (a.name === b.name)
        return 0;
    return a.name < b.name ? -1 : 1;
}
/** The file system's error as one about the source; anything else comes back as it is. */
function fileError(file, error) {
    const code = error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : undefined;
    if (code === undefined)
        return error;
    const name = (0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .quote */ .hD)(file.name);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
        return (0,_source_error_js__WEBPACK_IMPORTED_MODULE_3__/* .sourceError */ .I)(file, 'SOURCE_FILE', `${name} does not exist`, {
            hint: `Looked for ${file.path}. Check that an earlier step made or downloaded it.`,
            cause: error,
        });
    }
    return (0,_source_error_js__WEBPACK_IMPORTED_MODULE_3__/* .sourceError */ .I)(file, 'SOURCE_FILE', `${name} cannot be read (${code})`, {
        hint: `Tried ${file.path}.`,
        cause: error,
    });
}


/***/ })

};
