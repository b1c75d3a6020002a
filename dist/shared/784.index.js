export const id = 784;
export const ids = [784];
export const modules = {

/***/ 5784:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   resolveDigests: () => (/* binding */ resolveDigests)
/* harmony export */ });
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8825);
/* harmony import */ var _oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1405);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2148);
/* harmony import */ var _run_errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4314);
/* harmony import */ var _input_problem_list_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(9243);
/* harmony import */ var _local_file_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(2428);
/* harmony import */ var _source_error_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(8098);
/* harmony import */ var _digest_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(6169);








/** Bytes of a file of digests: more than {@link maxSources} lines of sha512. */
const maxFileSize = 1024 * 1024;
/**
 * Resolves `digests:DIR`: every file in the directory and its subdirectories (one level) names digests in the one
 * repository of all targets.
 *
 * A file is either empty with a digest as its name (`4f53\u2026`, `sha256-4f53\u2026` or `sha256:4f53\u2026`), as in the recipe of
 * docker/build-push-action, or contains digests, one per line. actions/download-artifact creates subdirectories for
 * several artifacts without `merge-multiple`. Names that start with a dot are skipped. The result is sorted by path and
 * has each digest of a file once. Throws SourceError for other files, and when there is no digest.
 */
async function resolveDigests(line, context) {
    const directory = (0,_local_file_js__WEBPACK_IMPORTED_MODULE_5__/* .localFile */ .C1)(line, line.locator.path, context.directory);
    const found = await collect(directory);
    const results = await Promise.allSettled(found.map(({ digest }) => (0,_digest_js__WEBPACK_IMPORTED_MODULE_7__/* .fetchDigest */ .x)(line, digest, context)));
    const failures = found.flatMap(({ label: file }, at) => {
        const result = results[at];
        return result?.status === 'rejected' ? [{ file, error: result.reason }] : [];
    });
    const bad = failures.find(({ error }) => !(error instanceof _run_errors_js__WEBPACK_IMPORTED_MODULE_3__/* .ActionError */ .lZ && error.code === 'SOURCE_MISSING'));
    if (bad !== undefined)
        throw bad.error;
    if (failures.length > 0)
        throw notInRepository(line, found.length, failures, context);
    return results.flatMap((result, at) => result.status === 'fulfilled'
        ? [{ ...result.value, label: found[at]?.label ?? '', directory: directory.name }]
        : []);
}
function notInRepository(line, count, missing, { repository }) {
    const [first] = missing;
    const held = count - missing.length;
    const holds = `${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(line.locator.path)} has ${count} ${count === 1 ? 'digest' : 'digests'}`;
    const some = held === 0 ? 'and none is' : `${held} of them ${held === 1 ? 'is' : 'are'}`;
    const where = `${some} in ${repository && (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .formatRepository */ .Sh)(repository)}`;
    const others = missing.length === 1 ? '' : ` and ${missing.length - 1} more`;
    const message = `${holds}, ${where}; missing: ${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(first?.file ?? '')}${others}`;
    return (0,_source_error_js__WEBPACK_IMPORTED_MODULE_6__/* .sourceError */ .I8)(line, 'SOURCE_MISSING', message, { hint: mixedHint, cause: first?.error });
}
const mixedHint = 'Check the artifacts: a `pattern` that also fits those of another image downloads its digests too. Otherwise, check that ' +
    'the builds push to the repository of the tags, and end before this step.';
async function collect(directory) {
    const found = [];
    const flaws = [];
    for (const file of await listFiles(directory)) {
        const digests = await readDigests(file);
        if (typeof digests === 'string')
            flaws.push(`${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(file.name)} ${digests}`);
        else
            for (const digest of new Set(digests))
                found.push({ digest, label: file.name });
    }
    const [flaw, ...others] = flaws;
    const more = others.length === 0 ? '' : `; ${others.length} more files are not digests either`;
    if (flaw !== undefined)
        throw digestsError(directory, flaw + more);
    if (found.length <= _input_problem_list_js__WEBPACK_IMPORTED_MODULE_4__/* .maxSources */ .d6)
        return found;
    throw digestsError(directory, `${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(directory.name)} has more than ${_input_problem_list_js__WEBPACK_IMPORTED_MODULE_4__/* .maxSources */ .d6} digests`);
}
async function listFiles(directory) {
    if ((await (0,_local_file_js__WEBPACK_IMPORTED_MODULE_5__/* .statFile */ .T1)(directory)).isFile())
        return [directory];
    const nested = (await readSome(directory)).map(async (entry) => {
        const file = (0,_local_file_js__WEBPACK_IMPORTED_MODULE_5__/* .fileIn */ .Ed)(directory, entry.name);
        return entry.isDirectory() ? (await readSome(file)).map(({ name }) => (0,_local_file_js__WEBPACK_IMPORTED_MODULE_5__/* .fileIn */ .Ed)(file, name)) : file;
    });
    return (await Promise.all(nested)).flat();
}
async function readSome(directory) {
    const entries = await (0,_local_file_js__WEBPACK_IMPORTED_MODULE_5__/* .readLocalDirectory */ .Fd)(directory);
    if (entries.length === 0)
        throw digestsError(directory, `${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(directory.name)} is empty`);
    if (entries.length <= _input_problem_list_js__WEBPACK_IMPORTED_MODULE_4__/* .maxSources */ .d6)
        return entries;
    throw digestsError(directory, `${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(directory.name)} has more than ${_input_problem_list_js__WEBPACK_IMPORTED_MODULE_4__/* .maxSources */ .d6} files`);
}
async function readDigests(file) {
    await (0,_local_file_js__WEBPACK_IMPORTED_MODULE_5__/* .realPathOf */ .dN)(file);
    if ((await (0,_local_file_js__WEBPACK_IMPORTED_MODULE_5__/* .statFile */ .T1)(file)).isDirectory())
        return 'is a directory nested too deep';
    const named = digestFrom(file.path.split(/[\\/]/).at(-1) ?? '');
    const lines = (await (0,_local_file_js__WEBPACK_IMPORTED_MODULE_5__/* .readLocalFile */ .MM)(file, maxFileSize))
        .toString('utf8')
        .split('\n')
        .map((text) => text.trim());
    const held = lines.filter((text) => text !== '').map(digestFrom);
    if (held.length === 0)
        return named ? [named] : 'is empty, and its name is not a digest';
    if (!held.every((digest) => digest !== undefined))
        return named ? foreignContent : neither;
    return named && held.some((digest) => digest !== named)
        ? 'has one digest as its name and another as its content'
        : held;
}
const neither = 'has no digest as its name, and its content is not digests, one per line';
const foreignContent = 'has a digest as its name, but other content (for an image layout, write oci:DIR)';
/** Reads `sha256:\u2026`, `sha256-\u2026` or the bare hexadecimal digits. */
function digestFrom(text) {
    const spelled = text.replace(/^(sha256|sha512)-/, '$1:');
    const algorithm = text.length === 128 ? 'sha512' : 'sha256';
    const digest = spelled.includes(':') ? spelled : `${algorithm}:${spelled}`;
    return (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .isDigest */ .Bc)(digest) ? digest : undefined;
}
function digestsError(directory, message) {
    return (0,_source_error_js__WEBPACK_IMPORTED_MODULE_6__/* .sourceError */ .I8)(directory, 'SOURCE_DIGESTS', message, {
        hint: 'In each build, create an empty file named by the hexadecimal part of the digest, and upload its directory; in the ' +
            'merge job, download all of them into one (actions/download-artifact with `pattern` and `merge-multiple: true`).',
    });
}


/***/ })

};
