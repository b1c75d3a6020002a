export const id = 207;
export const ids = [207];
export const modules = {

/***/ 3207:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   resolveDigests: () => (/* binding */ resolveDigests)
/* harmony export */ });
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8825);
/* harmony import */ var _oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1405);
/* harmony import */ var _digest_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6864);
/* harmony import */ var _local_file_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2428);
/* harmony import */ var _source_error_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(8098);
/* harmony import */ var _source_list_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(5490);






/** Bytes of a file of digests that are read: more than {@link sourceLimit} lines of sha512. */
const fileLimit = 1024 * 1024;
/**
 * Resolves `digests:DIR`: every file in the directory, and in directories directly in it, names digests in the
 * repository that all targets share.
 *
 * A file is either empty and named by a digest (`4f53\u2026`, `sha256-4f53\u2026` or `sha256:4f53\u2026`), as the recipe for
 * docker/build-push-action leaves it, or holds digests, one a line. Directories in the directory are what
 * actions/download-artifact makes of several artifacts without `merge-multiple`. Names that start with a dot are
 * passed over. Members come sorted by path; a digest that is named twice comes once.
 *
 * @throws SourceError when anything else is there, or no digest at all.
 */
async function resolveDigests(line, context) {
    const directory = (0,_local_file_js__WEBPACK_IMPORTED_MODULE_3__/* .localFile */ .C1)(line, line.locator.path, context.directory);
    const found = await collect(directory);
    return Promise.all([...found].map(async ([digest, label]) => ({ ...(await (0,_digest_js__WEBPACK_IMPORTED_MODULE_2__/* .fetchDigest */ .x)(line, digest, context)), label })));
}
async function collect(directory) {
    const found = new Map();
    const flaws = [];
    for (const file of await listFiles(directory)) {
        const digests = await readDigests(file);
        if (typeof digests === 'string')
            flaws.push(`${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(file.name)} ${digests}`);
        else
            for (const digest of digests)
                if (!found.has(digest))
                    found.set(digest, file.name);
    }
    if (flaws.length > 0)
        throw digestsError(directory, summarize(flaws));
    if (found.size <= _source_list_js__WEBPACK_IMPORTED_MODULE_5__/* .sourceLimit */ .X)
        return found;
    throw digestsError(directory, `${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(directory.name)} names more than ${_source_list_js__WEBPACK_IMPORTED_MODULE_5__/* .sourceLimit */ .X} digests`);
}
function summarize([first, ...others]) {
    return others.length === 0 ? `${first}` : `${first}; ${others.length} more files are no digests either`;
}
async function listFiles(directory) {
    if ((await (0,_local_file_js__WEBPACK_IMPORTED_MODULE_3__/* .statFile */ .T1)(directory)).isFile())
        return [directory];
    const nested = await Promise.all((await readSome(directory)).map((entry) => entry.isDirectory() ? listNested(directory, entry) : (0,_local_file_js__WEBPACK_IMPORTED_MODULE_3__/* .fileIn */ .Ed)(directory, entry.name)));
    return nested.flat();
}
async function listNested(directory, { name }) {
    const artifact = (0,_local_file_js__WEBPACK_IMPORTED_MODULE_3__/* .fileIn */ .Ed)(directory, name);
    return (await readSome(artifact)).map((entry) => (0,_local_file_js__WEBPACK_IMPORTED_MODULE_3__/* .fileIn */ .Ed)(artifact, entry.name));
}
async function readSome(directory) {
    const entries = await (0,_local_file_js__WEBPACK_IMPORTED_MODULE_3__/* .readLocalDirectory */ .Fd)(directory);
    if (entries.length === 0)
        throw digestsError(directory, `${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(directory.name)} is empty`);
    if (entries.length <= _source_list_js__WEBPACK_IMPORTED_MODULE_5__/* .sourceLimit */ .X)
        return entries;
    throw digestsError(directory, `${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(directory.name)} holds more than ${_source_list_js__WEBPACK_IMPORTED_MODULE_5__/* .sourceLimit */ .X} files`);
}
/** The digests a file names, or what is wrong with it. */
async function readDigests(file) {
    if ((await (0,_local_file_js__WEBPACK_IMPORTED_MODULE_3__/* .statFile */ .T1)(file)).isDirectory())
        return 'is a directory too deep';
    const named = digestFrom(file.path.split(/[\\/]/).at(-1) ?? '');
    const lines = (await (0,_local_file_js__WEBPACK_IMPORTED_MODULE_3__/* .readLocalFile */ .MM)(file, fileLimit))
        .toString('utf8')
        .split('\n')
        .map((text) => text.trim());
    const held = lines.filter((text) => text !== '').map(digestFrom);
    if (held.length === 0)
        return named ? [named] : 'is empty, and its name is no digest';
    if (!held.every((digest) => digest !== undefined))
        return named ? foreignContent : neither;
    return named && held.some((digest) => digest !== named) ? 'is named by one digest and holds another' : held;
}
const neither = 'is neither named by a digest nor does it hold digests, one a line';
const foreignContent = 'is named by a digest, but holds something else (for an image layout, write oci:DIR)';
/** Reads `sha256:\u2026`, `sha256-\u2026` or the bare hexadecimal digits. */
function digestFrom(text) {
    const spelled = text.replace(/^(sha256|sha512)-/, '$1:');
    const algorithm = text.length === 128 ? 'sha512' : 'sha256';
    const digest = spelled.includes(':') ? spelled : `${algorithm}:${spelled}`;
    return (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .isDigest */ .Bc)(digest) ? digest : undefined;
}
function digestsError(directory, message) {
    return (0,_source_error_js__WEBPACK_IMPORTED_MODULE_4__/* .sourceError */ .I)(directory, 'SOURCE_DIGESTS', message, {
        hint: 'Each build leaves an empty file named by the hexadecimal part of its digest in a directory and uploads that; ' +
            'the merge job downloads all of them into one (actions/download-artifact with `pattern`, `merge-multiple: true`).',
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
