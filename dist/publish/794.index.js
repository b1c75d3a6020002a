export const id = 794;
export const ids = [794];
export const modules = {

/***/ 5932:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   TG: () => (/* binding */ layoutError),
/* harmony export */   ZL: () => (/* binding */ chunkSize),
/* harmony export */   nD: () => (/* binding */ blobPath)
/* harmony export */ });
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8825);
/* harmony import */ var _source_error_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8098);


/**
 * Bytes that files are read by. Half of it is slower by half; twice of it holds 30 MB more until garbage is collected.
 */
const chunkSize = 128 * 1024;
/** Where a layout keeps a blob (OCI image-spec 1.1, image-layout.md "Blobs"). */
function blobPath(digest) {
    return `blobs/${(0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .algorithmOf */ .Hy)(digest)}/${(0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .encodedOf */ .EX)(digest)}`;
}
/** An error about a layout, or a file of it. */
function layoutError(files, message, options) {
    return (0,_source_error_js__WEBPACK_IMPORTED_MODULE_1__/* .sourceError */ .I)(files, files.code, `${files.name}: ${message}`, options);
}


/***/ }),

/***/ 1926:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  B: () => (/* binding */ resolveImages)
});

// EXTERNAL MODULE: ./src/oci/attestation.ts
var attestation = __webpack_require__(9495);
// EXTERNAL MODULE: ./src/oci/format-error.ts
var format_error = __webpack_require__(1405);
// EXTERNAL MODULE: ./src/oci/image-index.ts + 1 modules
var image_index = __webpack_require__(6215);
// EXTERNAL MODULE: ./src/oci/json-document.ts
var json_document = __webpack_require__(973);
// EXTERNAL MODULE: ./src/oci/json-field.ts
var json_field = __webpack_require__(7974);
// EXTERNAL MODULE: ./src/oci/manifest.ts
var manifest = __webpack_require__(2060);
// EXTERNAL MODULE: ./src/oci/media-types.ts
var media_types = __webpack_require__(9217);
// EXTERNAL MODULE: ./src/sources/layout-files.ts
var layout_files = __webpack_require__(5932);
// EXTERNAL MODULE: ./src/oci/digest.ts
var digest = __webpack_require__(8825);
;// CONCATENATED MODULE: ./src/sources/layout-store.ts




/** An OCI image layout as a place to read from. Nothing is kept but manifests. */
class LayoutStore {
    name;
    #files;
    #manifests = new Map();
    constructor(files) {
        this.name = files.name;
        this.#files = files;
    }
    /** Adds a manifest that is in no file of the layout. */
    hold(manifest) {
        this.#manifests.set(manifest.digest, Promise.resolve(manifest));
    }
    getManifest(digest) {
        const known = this.#manifests.get(digest) ?? this.#readManifest(digest);
        this.#manifests.set(digest, known);
        return known;
    }
    async getBlob(descriptor) {
        const path = (0,layout_files/* blobPath */.nD)(descriptor.digest);
        await this.#checkSize(path, descriptor.size);
        const bytes = await readWhole(this.#files, path, manifest/* manifestLimit */.t7);
        if ((0,digest/* digestMatches */.U2)(bytes, descriptor.digest))
            return bytes;
        throw (0,layout_files/* layoutError */.TG)(this.#files, `the bytes of ${path} have another digest than its name`, damaged);
    }
    /** Checks the size before, and with offset 0 the digest after, the last byte; both fail as a SourceError. */
    async *openBlob(descriptor, offset = 0) {
        const path = (0,layout_files/* blobPath */.nD)(descriptor.digest);
        await this.#checkSize(path, descriptor.size);
        const verifier = offset === 0 ? new digest/* DigestVerifier */.Do(descriptor) : undefined;
        for await (const chunk of this.#files.open(path, offset)) {
            this.#check(path, () => verifier?.update(chunk));
            yield chunk;
        }
        this.#check(path, () => verifier?.finish());
    }
    async #readManifest(digest) {
        const path = (0,layout_files/* blobPath */.nD)(digest);
        const bytes = await readWhole(this.#files, path, manifest/* manifestLimit */.t7);
        return this.#check(path, () => (0,manifest/* parseManifest */.Ng)(bytes, undefined, digest));
    }
    async #checkSize(path, size) {
        const actual = await this.#files.size(path);
        if (actual === undefined)
            throw missing(this.#files, path);
        if (actual === size)
            return;
        throw (0,layout_files/* layoutError */.TG)(this.#files, `${path} has ${actual} bytes, but its descriptor says ${size}`, damaged);
    }
    #check(path, read) {
        try {
            return read();
        }
        catch (error) {
            if (!(error instanceof format_error/* FormatError */.IF))
                throw error;
            throw (0,layout_files/* layoutError */.TG)(this.#files, `${path}: ${error.message}`, { ...damaged, cause: error });
        }
    }
}
/**
 * Reads a small file of a layout.
 *
 * @throws SourceError when it is not there or has more than `limit` bytes.
 */
async function readWhole(files, path, limit) {
    const size = await files.size(path);
    if (size === undefined)
        throw missing(files, path);
    if (size > limit)
        throw (0,layout_files/* layoutError */.TG)(files, `${path} has ${size} bytes; at most ${limit} are read`);
    return Buffer.concat(await Array.fromAsync(files.open(path, 0)));
}
const damaged = { hint: 'It is damaged, or was changed after it was made: make it again.' };
function missing(files, path) {
    return (0,layout_files/* layoutError */.TG)(files, `${path} is not there`, {
        hint: 'It is incomplete: cut off on its way here, or made without all platforms of the image.',
    });
}

;// CONCATENATED MODULE: ./src/sources/layout.ts









const refName = 'org.opencontainers.image.ref.name';
/** Where containerd and docker write the whole reference. */
const imageName = 'io.containerd.image.name';
/** Bytes of the `oci-layout` file that are read; it needs about 30. */
const markerLimit = 4096;
/**
 * Finds the images of a layout (OCI image-spec 1.1, image-layout.md).
 *
 * With a tag: the entries of index.json whose ref.name, or containerd's image name, is that tag or a reference with
 * that tag. With a digest: that manifest, listed in index.json or below it. With neither: every image listed, each
 * once however many tags it has; artifacts and signatures beside images are passed over. An attestation listed
 * beside its image goes with it: the two come as one index.
 *
 * @throws SourceError when it is no layout, or has no such image.
 */
async function resolveImages(files, line, pick) {
    await checkMarker(files);
    const layout = { files, store: new LayoutStore(files), entries: await readEntries(files) };
    const members = await findMembers(layout, pick);
    const named = pick !== undefined || members.length > 1;
    return members.map((member) => {
        const label = named ? files.name + suffix(member) : files.name;
        return { line, label, store: layout.store, ...content(member, layout) };
    });
}
async function checkMarker(files) {
    if ((await files.size('oci-layout')) === undefined)
        throw await noLayout(files);
    const bytes = await readWhole(files, 'oci-layout', markerLimit);
    const version = read(files, 'oci-layout', () => {
        return (0,json_field/* wordAt */.E7)((0,json_field/* objectAt */.lJ)((0,json_document/* parseJsonDocument */.d)(bytes), 'the file')['imageLayoutVersion'], 'imageLayoutVersion');
    });
    if (/^1\.[0-9.]+$/.test(version))
        return;
    throw (0,layout_files/* layoutError */.TG)(files, `the layout has the version ${(0,format_error/* quote */.hD)(version)}; versions 1.x are read`);
}
async function noLayout(files) {
    const saved = (await files.size('manifest.json')) !== undefined;
    return saved
        ? (0,layout_files/* layoutError */.TG)(files, 'this is what `docker save` wrote, not an OCI layout', { hint: savedHint })
        : (0,layout_files/* layoutError */.TG)(files, 'this is no OCI layout: the file oci-layout is missing', { hint: layoutHint });
}
const layoutHint = '`docker buildx build --output type=oci,dest=app.tar` and `skopeo copy \u2026 oci-archive:app.tar` write one.';
const savedHint = 'Convert it: `skopeo copy docker-archive:app.tar oci-archive:app-oci.tar`; or build with ' +
    '`docker buildx build --output type=oci,dest=app.tar`. Docker 25 and later save OCI layouts.';
async function readEntries(files) {
    const bytes = await readWhole(files, 'index.json', manifest/* manifestLimit */.t7);
    const { content } = read(files, 'index.json', () => (0,manifest/* parseManifest */.Ng)(bytes, undefined));
    if (content.kind === 'index')
        return content.manifests;
    throw (0,layout_files/* layoutError */.TG)(files, 'index.json is no image index');
}
async function findMembers(layout, pick) {
    const listed = pickEntries(layout.entries, pick);
    const members = await Promise.all(listed.map((entry) => readMember(entry, layout)));
    const images = pick === undefined ? members.filter(({ manifest }) => !isArtifact(manifest)) : members;
    if (images.length > 0)
        return images;
    if (pick === undefined || 'tag' in pick)
        throw noImage(layout, pick);
    return [{ manifest: await layout.store.getManifest(pick.digest) }];
}
function pickEntries(entries, pick) {
    const images = entries.filter((entry) => isManifest(entry) && !(0,attestation/* isAttestation */.H)(entry));
    if (pick === undefined)
        return unique(images);
    if ('digest' in pick)
        return unique(images.filter(({ digest }) => digest === pick.digest));
    const exact = images.filter((entry) => namesOf(entry).includes(pick.tag));
    return unique(exact.length > 0 ? exact : images.filter((entry) => namesOf(entry).some(hasTag(pick.tag))));
}
function isManifest({ mediaType }) {
    return (0,media_types/* isIndexType */.$U)(mediaType) || (0,media_types/* isImageType */.G1)(mediaType);
}
function namesOf({ annotations }) {
    return [annotations?.[refName], annotations?.[imageName]].filter((name) => name !== undefined);
}
/** Whether a name is a reference with this tag; a colon before the last slash belongs to a port. */
function hasTag(tag) {
    return (name) => name.slice(name.lastIndexOf('/') + 1).endsWith(`:${tag}`);
}
function unique(entries) {
    const first = new Map(entries.toReversed().map((entry) => [entry.digest, entry]));
    return entries.filter((entry) => first.get(entry.digest) === entry);
}
async function readMember(entry, { files, store }) {
    const manifest = await store.getManifest(entry.digest);
    if (manifest.size === entry.size && manifest.mediaType === entry.mediaType)
        return { manifest, entry };
    const actual = `${manifest.size} bytes of ${manifest.mediaType}`;
    throw (0,layout_files/* layoutError */.TG)(files, `index.json lists ${entry.digest} as ${entry.size} bytes of ${entry.mediaType}; it is ${actual}`);
}
function isArtifact({ content }) {
    return content.kind === 'image' && !(0,media_types/* isConfigType */.lJ)(content.config.mediaType);
}
function suffix({ manifest, entry }) {
    const name = entry?.annotations?.[refName];
    return name === undefined ? `@${manifest.digest}` : `:${name}`;
}
function content({ manifest, entry }, layout) {
    const attestations = layout.entries.filter((other) => (0,attestation/* attestationSubject */.d)(other) === manifest.digest);
    if (entry !== undefined && attestations.length > 0) {
        const index = (0,image_index/* assembleIndex */.H)([withoutNames(entry), ...unique(attestations)], { format: 'oci' });
        layout.store.hold(index);
        return { manifest: index };
    }
    const platform = manifest.content.kind === 'image' ? entry?.platform : undefined;
    return platform ? { manifest, platform } : { manifest };
}
/** The entry without what only a layout needs. */
function withoutNames({ annotations = {}, ...entry }) {
    const kept = Object.entries(annotations).filter(([name]) => name !== refName && name !== imageName);
    return kept.length === 0 ? entry : { ...entry, annotations: Object.fromEntries(kept) };
}
function noImage({ files, entries }, pick) {
    const names = [...new Set(entries.flatMap(namesOf))].slice(0, 10).map(format_error/* quote */.hD);
    const message = pick ? `it has no image named ${(0,format_error/* quote */.hD)(pick.tag)}` : 'it has no image';
    const hint = names.length > 0 ? `It has ${names.join(', ')}.` : layoutHint;
    return (0,layout_files/* layoutError */.TG)(files, message, { hint });
}
function read(files, path, parse) {
    try {
        return parse();
    }
    catch (error) {
        if (!(error instanceof format_error/* FormatError */.IF))
            throw error;
        throw (0,layout_files/* layoutError */.TG)(files, `${path}: ${error.message}`, {
            hint: `Expected: ${error.expected}.`,
            cause: error,
        });
    }
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


/***/ }),

/***/ 794:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  resolveLayout: () => (/* binding */ resolveLayout)
});

// EXTERNAL MODULE: ./src/oci/format-error.ts
var format_error = __webpack_require__(1405);
// EXTERNAL MODULE: ./src/sources/layout.ts + 1 modules
var layout = __webpack_require__(1926);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./src/sources/layout-files.ts
var layout_files = __webpack_require__(5932);
// EXTERNAL MODULE: ./src/sources/local-file.ts
var local_file = __webpack_require__(2428);
// EXTERNAL MODULE: ./src/sources/source-error.ts
var source_error = __webpack_require__(8098);
;// CONCATENATED MODULE: ./src/sources/layout-directory.ts






/** An OCI image layout in a directory. Links are followed, as build tools lay blobs out with them; content is checked anyway. */
class LayoutDirectory {
    line;
    name;
    code = 'SOURCE_LAYOUT';
    #directory;
    constructor(directory) {
        this.line = directory.line;
        this.name = `oci:${directory.name}`;
        this.#directory = directory;
    }
    async size(path) {
        const file = (0,local_file/* fileIn */.Ed)(this.#directory, path);
        const stats = await (0,promises_.stat)(file.path).catch((error) => {
            if (isAbsent(error))
                return undefined;
            throw (0,local_file/* fileError */.zS)(file, error);
        });
        if (stats === undefined || stats.isFile())
            return stats?.size;
        throw (0,source_error/* sourceError */.I)(this, this.code, `${this.name}: ${path} is no regular file`);
    }
    async *open(path, offset) {
        const file = (0,external_node_path_.join)(this.#directory.path, path);
        try {
            yield* (0,external_node_fs_.createReadStream)(file, { start: offset, highWaterMark: layout_files/* chunkSize */.ZL });
        }
        catch (error) {
            throw (0,local_file/* fileError */.zS)((0,local_file/* fileIn */.Ed)(this.#directory, path), error);
        }
    }
}
function isAbsent(error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code === 'ENOENT' || code === 'ENOTDIR';
}

;// CONCATENATED MODULE: ./src/sources/oci-layout.ts





/** Resolves `oci:DIR`, an OCI image layout in a directory. */
async function resolveLayout(line, context) {
    const { path, pick } = line.locator;
    const directory = (0,local_file/* localFile */.C1)(line, path, context.directory);
    if ((await (0,local_file/* statFile */.T1)(directory)).isDirectory()) {
        return (0,layout/* resolveImages */.B)(new LayoutDirectory(directory), line, pick);
    }
    throw (0,source_error/* sourceError */.I)(line, 'SOURCE_LAYOUT', `${(0,format_error/* quote */.hD)(path)} is no directory`, {
        hint: `For an archive, write oci-archive:${path}.`,
    });
}


/***/ })

};
