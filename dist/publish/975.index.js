export const id = 975;
export const ids = [975];
export const modules = {

/***/ 2428:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   C1: () => (/* binding */ localFile),
/* harmony export */   Ed: () => (/* binding */ fileIn),
/* harmony export */   Fd: () => (/* binding */ readLocalDirectory),
/* harmony export */   MM: () => (/* binding */ readLocalFile),
/* harmony export */   T1: () => (/* binding */ statFile),
/* harmony export */   dN: () => (/* binding */ realPathOf),
/* harmony export */   zS: () => (/* binding */ fileError)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _oci_format_error_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1405);
/* harmony import */ var _run_errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4314);
/* harmony import */ var _source_error_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(8098);





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
        root: directory.root ?? directory.path,
    };
}
/** @throws SourceError when the file does not exist or cannot be read. */
async function statFile(file) {
    try {
        return await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.stat)(file.path);
    }
    catch (error) {
        throw fileError(file, error);
    }
}
/**
 * The path of a file or directory without links. They may lead to neighbours: into the directory that the line names
 * or, for a file that it names itself, into the directory of that file. An artifact of another job could otherwise
 * have any file of the runner read.
 *
 * @throws SourceError when it does not exist, or when a link leads out of that directory.
 */
async function realPathOf(file, code = 'SOURCE_FILE') {
    try {
        const [path, root] = await Promise.all([(0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.realpath)(file.path), (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.realpath)(file.root ?? (0,node_path__WEBPACK_IMPORTED_MODULE_1__.dirname)(file.path))]);
        const way = (0,node_path__WEBPACK_IMPORTED_MODULE_1__.relative)(root, path);
        if (!/^\.\.(?:[\\/]|$)/.test(way) && !(0,node_path__WEBPACK_IMPORTED_MODULE_1__.isAbsolute)(way))
            return path;
    }
    catch (error) {
        throw fileError(file, error);
    }
    throw (0,_source_error_js__WEBPACK_IMPORTED_MODULE_4__/* .sourceError */ .I8)(file, code, `${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .quote */ .hD)(file.name)} is a link that leads out of its directory`, {
        hint: 'Replace the link by the file itself: links in artifacts are followed only within their directory.',
    });
}
/**
 * Reads a file whole.
 *
 * @throws SourceError when it does not exist, is not a regular file, or is larger than `maxSize` bytes.
 */
async function readLocalFile(file, maxSize) {
    if (!(await statFile(file)).isFile())
        throw (0,_source_error_js__WEBPACK_IMPORTED_MODULE_4__/* .sourceError */ .I8)(file, 'SOURCE_FILE', `${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .quote */ .hD)(file.name)} is not a regular file`);
    const path = await realPathOf(file);
    try {
        const bytes = await readStart(path, maxSize + 1);
        if (bytes.byteLength <= maxSize)
            return bytes;
    }
    catch (error) {
        throw fileError(file, error);
    }
    const message = `${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .quote */ .hD)(file.name)} has more than the maximum of ${maxSize} bytes`;
    throw (0,_source_error_js__WEBPACK_IMPORTED_MODULE_4__/* .sourceError */ .I8)(file, 'SOURCE_FILE', message);
}
// Files of procfs state a size of zero, so the bytes are counted as they are read.
async function readStart(path, size) {
    const handle = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.open)(path);
    const chunks = await Array.fromAsync(handle.createReadStream({ start: 0, end: size - 1 }));
    return Buffer.concat(chunks);
}
/** The entries of a directory, sorted by name, without those that start with a dot. */
async function readLocalDirectory(directory) {
    // The line may name a directory by any link.
    const path = directory.root === undefined ? directory.path : await realPathOf(directory);
    try {
        const entries = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readdir)(path, { withFileTypes: true });
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
/** An error of the file system as an error about the source; anything else is returned as it is. */
function fileError(file, error) {
    const code = error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : undefined;
    if (code === undefined)
        return error;
    const name = (0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .quote */ .hD)(file.name);
    if ((0,_run_errors_js__WEBPACK_IMPORTED_MODULE_3__/* .isAbsent */ .W0)(error)) {
        return (0,_source_error_js__WEBPACK_IMPORTED_MODULE_4__/* .sourceError */ .I8)(file, 'SOURCE_FILE', `${name} does not exist`, {
            hint: `Check that an earlier step created or downloaded ${file.path}.`,
            cause: error,
        });
    }
    return (0,_source_error_js__WEBPACK_IMPORTED_MODULE_4__/* .sourceError */ .I8)(file, 'SOURCE_FILE', `${name} cannot be read (${code})`, {
        hint: `Check the permissions of ${file.path}.`,
        cause: error,
    });
}


/***/ }),

/***/ 3975:
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
/* harmony import */ var _run_errors_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(4314);
/* harmony import */ var _input_problem_list_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(9243);
/* harmony import */ var _local_file_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(2428);
/* harmony import */ var _source_error_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(8098);
/* harmony import */ var _draft_directory_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(9712);











/** Bytes of a draft's file: a manifest of 4 MiB in base64 and again as JSON, with room to spare. */
const maxFileSize = 16 * 1024 * 1024;
/**
 * Resolves `docker-manifest:NAME`: the local draft of `docker manifest create` and `docker manifest annotate`, in the
 * order in which `docker manifest push` writes it (by file name).
 *
 * A draft keeps the digests that tags had when it was created. Each source is read from the registry again; if a tag
 * has another image now, it is refused, where docker's CLI would publish the old one.
 *
 * @throws SourceError when the draft is missing, damaged or stale.
 */
async function resolveDraft(line, context) {
    const list = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .parseReference */ .F2)(line.locator.name);
    const sources = await readDraft(line, list, context);
    return Promise.all(sources.map((source) => resolveDraftSource(source, list, { line, context })));
}
async function readDraft({ line }, list, context) {
    const path = (0,_draft_directory_js__WEBPACK_IMPORTED_MODULE_10__/* .draftDirectory */ .j)(context.dockerConfig, list);
    const directory = { line, path, name: `docker-manifest:${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .familiarReference */ .ZD)(list)}` };
    const entries = await listDraft(directory, list);
    return Promise.all(entries.map(async ({ name }) => readDraftSource((0,_local_file_js__WEBPACK_IMPORTED_MODULE_8__/* .fileIn */ .Ed)(directory, name))));
}
async function listDraft(directory, list) {
    const entries = await (0,_local_file_js__WEBPACK_IMPORTED_MODULE_8__/* .readLocalDirectory */ .Fd)(directory).catch((error) => {
        throw error instanceof _run_errors_js__WEBPACK_IMPORTED_MODULE_6__/* .SourceError */ .c8 ? noDraft(directory, list, error) : error;
    });
    if (entries.length === 0)
        throw noDraft(directory, list);
    if (entries.length <= _input_problem_list_js__WEBPACK_IMPORTED_MODULE_7__/* .maxSources */ .d6)
        return entries;
    throw (0,_source_error_js__WEBPACK_IMPORTED_MODULE_9__/* .sourceError */ .I8)(directory, 'SOURCE_DRAFT', `${directory.name} has more than ${_input_problem_list_js__WEBPACK_IMPORTED_MODULE_7__/* .maxSources */ .d6} sources`);
}
function noDraft(directory, list, cause) {
    return (0,_source_error_js__WEBPACK_IMPORTED_MODULE_9__/* .sourceError */ .I8)(directory, 'SOURCE_DRAFT', `there is no local draft of ${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .familiarReference */ .ZD)(list)}`, {
        hint: `Create it in ${directory.path} with \`docker manifest create ${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .familiarReference */ .ZD)(list)} SOURCE\u2026\`, on the same ` +
            'machine and with the same DOCKER_CONFIG; `docker manifest push --purge` removes it.',
        cause,
    });
}
async function readDraftSource(file) {
    const bytes = await (0,_local_file_js__WEBPACK_IMPORTED_MODULE_8__/* .readLocalFile */ .MM)(file, maxFileSize);
    return (0,_source_error_js__WEBPACK_IMPORTED_MODULE_9__/* .parseSource */ .PJ)({ line: file.line, code: 'SOURCE_DRAFT', name: (0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .quote */ .hD)(file.name) }, () => {
        const draft = (0,_oci_json_field_js__WEBPACK_IMPORTED_MODULE_4__/* .objectAt */ .lJ)((0,_oci_json_document_js__WEBPACK_IMPORTED_MODULE_3__/* .parseJsonDocument */ .d)(bytes, 'allow'), 'the draft');
        const descriptor = (0,_oci_json_field_js__WEBPACK_IMPORTED_MODULE_4__/* .objectAt */ .lJ)(draft['Descriptor'], 'Descriptor');
        return {
            reference: (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .parseReference */ .F2)((0,_oci_json_field_js__WEBPACK_IMPORTED_MODULE_4__/* .stringAt */ .bX)(draft['Ref'], 'Ref')),
            digest: (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_1__/* .parseDigest */ .m)((0,_oci_json_field_js__WEBPACK_IMPORTED_MODULE_4__/* .stringAt */ .bX)(descriptor['digest'], 'Descriptor.digest')),
            platform: (0,_oci_descriptor_js__WEBPACK_IMPORTED_MODULE_0__/* .platformAt */ .dl)(descriptor['platform'], 'Descriptor.platform'),
        };
    });
}
async function resolveDraftSource({ reference, digest, platform }, list, { line, context }) {
    const resolved = await context.fetch(line, reference);
    const served = resolved.manifest.digest;
    if (served === digest) {
        return { ...resolved, label: (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .formatReference */ .FH)(reference), ...(platform ? { platform } : {}) };
    }
    const name = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .familiarReference */ .ZD)(list);
    const message = `the local draft of ${name} is stale: it has ${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .familiarReference */ .ZD)(reference)} as ${digest}, ` +
        `but the registry now serves ${served}`;
    throw (0,_source_error_js__WEBPACK_IMPORTED_MODULE_9__/* .sourceError */ .I8)(line, 'SOURCE_DRAFT_STALE', message, {
        hint: `Run \`docker manifest rm ${name}\`, then create and annotate the draft again ` +
            '(`create --amend` keeps the old digests), or list the sources themselves instead of the draft.',
    });
}


/***/ })

};
