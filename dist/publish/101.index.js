export const id = 101;
export const ids = [101];
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

/***/ 101:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  resolveArchive: () => (/* binding */ resolveArchive)
});

// EXTERNAL MODULE: ./src/oci/format-error.ts
var format_error = __webpack_require__(1405);
// EXTERNAL MODULE: ./src/sources/layout.ts + 1 modules
var layout = __webpack_require__(1926);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: ./src/oci/manifest.ts
var manifest = __webpack_require__(2060);
;// CONCATENATED MODULE: ./src/sources/tar-header.ts

/** Bytes of a header, and what entries are padded to a multiple of. */
const blockSize = 512;
/**
 * Reads a header block (POSIX.1-2024 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format").
 *
 *     offset  0  name          100 bytes
 *           124  size           12 octal digits, or GNU's base 256 when the first bit is set
 *           148  checksum        8 octal digits: the sum of the block's bytes, with spaces in its own place
 *           156  type            1
 *           257  magic           6 "ustar\0", or "ustar " for GNU
 *           345  name's prefix 155, POSIX only
 *
 * @returns undefined for a block of zeros, which ends an archive
 * @throws FormatError when it is no header.
 */
function parseTarHeader(block) {
    if (block.every((byte) => byte === 0))
        return undefined;
    if (checksum(block) !== parseNumber(block.subarray(148, 156))) {
        throw new format_error/* FormatError */.IF('a header has the wrong checksum', 'a tar archive');
    }
    const type = String.fromCharCode(block[156] || 0x30);
    return { name: fullName(block), size: parseNumber(block.subarray(124, 136)), type };
}
function checksum(block) {
    const spaces = 8 * 0x20;
    const own = sum(block.subarray(148, 156));
    return sum(block) - own + spaces;
}
function sum(bytes) {
    return bytes.reduce((total, byte) => total + byte, 0);
}
function fullName(block) {
    const name = parseText(block.subarray(0, 100));
    const posix = parseText(block.subarray(257, 263)) === 'ustar' && block[262] === 0;
    const prefix = posix ? parseText(block.subarray(345, 500)) : '';
    return prefix === '' ? name : `${prefix}/${name}`;
}
/** Text up to the first NUL. */
function parseText(bytes) {
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
function parseNumber(field) {
    return ((field[0] ?? 0) & 0x80) !== 0 ? parseBase256(field) : parseOctal(parseText(field).trim());
}
function parseBase256(field) {
    const value = field.subarray(1).reduce((total, byte) => total * 256 + byte, (field[0] ?? 0) & 0x7f);
    return checkSize(value, 'a base-256 number');
}
function parseOctal(digits) {
    if (!/^[0-7]{0,12}$/.test(digits))
        throw new format_error/* FormatError */.IF(`a header holds the number ${(0,format_error/* quote */.hD)(digits)}`, 'octal digits');
    return digits === '' ? 0 : Number.parseInt(digits, 8);
}
/** @throws FormatError when the number is no size that can be counted to. */
function checkSize(size, name) {
    if (Number.isSafeInteger(size) && size >= 0)
        return size;
    throw new format_error/* FormatError */.IF(`a header holds ${name} that is too large`, 'a size below 8 PiB');
}
/**
 * Reads the records of a pax extended header, `LENGTH KEY=VALUE\n` each (POSIX.1-2024 pax, "pax Extended Header").
 *
 * @throws FormatError when a record is malformed.
 */
function parsePaxRecords(bytes) {
    const records = new Map();
    for (let at = 0; at < bytes.length;) {
        const end = at + recordLength(bytes, at);
        const record = new TextDecoder().decode(bytes.subarray(bytes.indexOf(0x20, at) + 1, end - 1));
        const equals = record.indexOf('=');
        if (equals < 0 || bytes[end - 1] !== 0x0a)
            throw malformedRecord();
        records.set(record.slice(0, equals), record.slice(equals + 1));
        at = end;
    }
    return records;
}
function recordLength(bytes, at) {
    const digits = /^([0-9]{1,8}) /.exec(Buffer.from(bytes.subarray(at, at + 9)).toString('latin1'))?.[1];
    const length = Number(digits ?? 0);
    if (length > (digits?.length ?? 0) + 2 && at + length <= bytes.length)
        return length;
    throw malformedRecord();
}
function malformedRecord() {
    return new format_error/* FormatError */.IF('a pax header is malformed', 'records of the form LENGTH KEY=VALUE');
}

;// CONCATENATED MODULE: ./src/sources/tar-entries.ts


/** An image of 100 platforms with 127 layers each, no two alike, has fewer. */
const entryLimit = 100_000;
/** Bytes of an extended header or a long name that are read; paths in a layout have about 80. */
const extensionLimit = 256 * 1024;
/**
 * Lists the regular files in a tar archive by reading its headers: ustar, pax and GNU's long names.
 *
 * @throws FormatError for what a layout has no use for and an attacker would: links, devices, FIFOs, sparse files,
 *   names that are absolute or climb with `..`; for an archive that is cut off; and for more than 100 000 entries.
 */
async function* readTarEntries(input) {
    let extension = {};
    let position = 0;
    for (let count = 0; count < entryLimit; count++) {
        const header = await readHeader(input, position);
        if (header === undefined)
            return;
        const offset = position + blockSize;
        const found = await readExtension(header, offset, input);
        const entry = found ? header : { ...header, ...extension };
        extension = found ? { ...extension, ...found } : {};
        const file = !found && isFile(entry);
        if (file)
            yield { name: cleanName(entry.name), size: entry.size, offset };
        position = offset + (found || file ? padded(entry.size) : 0);
    }
    throw new format_error/* FormatError */.IF(`the archive has more than ${entryLimit} entries`, 'an image layout');
}
async function readHeader(input, position) {
    const block = await input.read(position, blockSize);
    return block.length === 0 ? undefined : parseTarHeader(block);
}
function padded(size) {
    return Math.ceil(size / blockSize) * blockSize;
}
/** Reads a header that is about the next entry: pax `x`, GNU `L`; of pax `g` and GNU `K` nothing matters here. */
async function readExtension(header, offset, input) {
    if (!'xgLK'.includes(header.type))
        return undefined;
    if (header.size > extensionLimit) {
        throw new format_error/* FormatError */.IF(`a header has ${header.size} bytes of extensions`, `at most ${extensionLimit}`);
    }
    if (header.type === 'K' || header.size === 0)
        return {};
    const bytes = await input.read(offset, header.size);
    if (header.type === 'L')
        return { name: parseText(bytes) };
    const records = parsePaxRecords(bytes);
    return header.type === 'x' ? readPax(records) : refuseGlobals(records);
}
function readPax(records) {
    if ([...records.keys()].some((key) => key.startsWith('GNU.sparse.'))) {
        throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(records.get('path') ?? 'an entry')} is a sparse file`, fileForm);
    }
    const name = records.get('path');
    const size = records.get('size');
    return {
        ...(name === undefined ? {} : { name }),
        ...(size === undefined ? {} : { size: parsePaxSize(size) }),
    };
}
function refuseGlobals(records) {
    if (!records.has('path') && !records.has('size'))
        return {};
    throw new format_error/* FormatError */.IF('a global header names a path or size for all entries', 'each entry with its own');
}
function parsePaxSize(text) {
    if (/^[0-9]{1,16}$/.test(text))
        return checkSize(Number(text), 'a pax size');
    throw new format_error/* FormatError */.IF(`a pax header holds the size ${(0,format_error/* quote */.hD)(text)}`, 'decimal digits');
}
const fileForm = 'regular files and directories only';
const refusedTypes = new Map([
    ['1', 'a hard link'],
    ['2', 'a symbolic link'],
    ['3', 'a character device'],
    ['4', 'a block device'],
    ['6', 'a FIFO'],
    ['S', 'a sparse file'],
]);
/** Whether the entry is a regular file rather than a directory; anything else is refused. */
function isFile({ type, name }) {
    if (type === '5')
        return false;
    if (type === '0' || type === '7')
        return !name.endsWith('/');
    const kind = refusedTypes.get(type) ?? `of the unknown type ${(0,format_error/* quote */.hD)(type)}`;
    throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(name)} is ${kind}`, fileForm);
}
function cleanName(name) {
    const parts = name.split(/[\\/]/);
    if (name.includes('\0') || /^[\\/]|^[A-Za-z]:/.test(name)) {
        throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(name)} is an absolute name`, 'names within the archive');
    }
    if (parts.includes('..')) {
        throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(name)} climbs out of the archive with ".."`, 'names within the archive');
    }
    return parts.filter((part) => part !== '' && part !== '.').join('/');
}

;// CONCATENATED MODULE: ./src/sources/archive-index.ts



/** Of a stream, manifests and configs are kept, so that reading them does not mean reading the archive again. */
const keptSize = 1024 * 1024;
/** Bytes kept of one archive. */
const keptTotal = 32 * 1024 * 1024;
/** Copies of the same file that are compared; tools write none at all. */
const repeatLimit = 16;
/**
 * Lists the files of an image layout in a tar archive. Other files are skipped over.
 *
 * @param content `keep` holds on to small files while passing them, `skip` reads headers only
 * @throws FormatError when the archive is malformed or hostile, see {@link readTarEntries}, and when a name occurs
 *   twice with different sizes.
 */
async function indexArchive(input, content) {
    const entries = new Map();
    const repeated = [];
    let room = content === 'keep' ? keptTotal : 0;
    for await (const entry of readTarEntries(input)) {
        if (!isLayoutFile(entry.name))
            continue;
        const first = entries.get(entry.name);
        if (first) {
            repeated.push(pairUp(first, entry, repeated.length));
        }
        else if (entry.size <= Math.min(limitOf(entry.name), room)) {
            entries.set(entry.name, { ...entry, bytes: await input.read(entry.offset, entry.size) });
            room -= entry.size;
        }
        else {
            entries.set(entry.name, entry);
        }
    }
    return { entries, repeated };
}
/** `manifest.json` is no part of a layout, but tells what docker wrote. */
function isLayoutFile(name) {
    return /^(?:oci-layout|index\.json|manifest\.json|blobs\/(?:sha256\/[0-9a-f]{64}|sha512\/[0-9a-f]{128}))$/.test(name);
}
function limitOf(name) {
    return name === 'index.json' ? manifest/* manifestLimit */.t7 : keptSize;
}
function pairUp(first, again, count) {
    if (first.size === again.size && count < repeatLimit)
        return [first, again];
    const flaw = first.size === again.size
        ? 'is one of many that are there twice'
        : 'is there twice, with different content';
    throw new format_error/* FormatError */.IF(`${first.name} ${flaw}`, 'each file once');
}

// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(7075);
// EXTERNAL MODULE: external "node:zlib"
var external_node_zlib_ = __webpack_require__(8522);
// EXTERNAL MODULE: ./src/registry/blob-memory.ts + 2 modules
var blob_memory = __webpack_require__(6251);
// EXTERNAL MODULE: ./src/sources/layout-files.ts
var layout_files = __webpack_require__(5932);
;// CONCATENATED MODULE: ./src/sources/compression.ts






const signatures = [
    { bytes: [0x1f, 0x8b], name: 'gzip' },
    { bytes: [0x28, 0xb5, 0x2f, 0xfd], name: 'zstd' },
    { bytes: [0x42, 0x5a, 0x68], name: 'bzip2' },
    { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], name: 'xz' },
];
/**
 * Tells the compression of a file (RFC 1952 and RFC 8878 for the signatures).
 *
 * @throws FormatError for bzip2 and xz, which are not read.
 */
async function detectCompression(handle) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    const start = buffer.subarray(0, bytesRead);
    const name = signatures.find(({ bytes }) => bytes.every((byte, at) => start[at] === byte))?.name ?? 'none';
    if (name === 'none' || name === 'gzip' || name === 'zstd')
        return name;
    throw new format_error/* FormatError */.IF(`the archive is compressed with ${name}`, 'tar, plain or compressed with gzip or zstd');
}
/**
 * Far more than images reach, whose layers are compressed already; zeros come to 1000 bytes for one with gzip, and
 * to far more with zstd, so that a small file could keep a job busy for hours.
 */
const inflationLimit = { free: 1024 ** 3, ratio: 200 };
/**
 * Reads a compressed file uncompressed.
 *
 * @throws FormatError when the compressed data is damaged or cut off, or inflates beyond the limit.
 */
async function* decompress({ path, compression, size }, { free, ratio }) {
    const most = free + ratio * size;
    let inflated = 0;
    const output = decompressor(compression);
    // The error also comes out of the iteration below.
    (0,external_node_stream_.pipeline)((0,external_node_fs_.createReadStream)(path, { highWaterMark: layout_files/* chunkSize */.ZL }), output, () => { });
    try {
        for await (const chunk of output) {
            (0,blob_memory/* bytesPassed */.S)(chunk.byteLength);
            inflated += chunk.byteLength;
            if (inflated > most)
                throw inflatesTooFar(most, size);
            yield chunk;
        }
    }
    catch (error) {
        throw isDataError(error) ? damaged(compression, error) : error;
    }
}
function decompressor(compression) {
    return compression === 'gzip' ? (0,external_node_zlib_.createGunzip)({ chunkSize: layout_files/* chunkSize */.ZL }) : (0,external_node_zlib_.createZstdDecompress)({ chunkSize: layout_files/* chunkSize */.ZL });
}
function isDataError(error) {
    return error instanceof Error && 'code' in error && /^(?:Z_|ZSTD_)/.test(String(error.code));
}
function inflatesTooFar(most, size) {
    return new format_error/* FormatError */.IF(`the archive inflates to more than ${most} bytes, far more than its own ${size} let expect`, 'an archive of compressed layers, or one that is not compressed itself');
}
function damaged(compression, error) {
    return new format_error/* FormatError */.IF(`the ${compression} data is damaged or cut off (${error.message})`, 'a whole archive');
}

// EXTERNAL MODULE: ./src/sources/local-file.ts
var local_file = __webpack_require__(2428);
;// CONCATENATED MODULE: ./src/sources/tar-input.ts

const nothing = new Uint8Array(0);
function cutOff() {
    return new format_error/* FormatError */.IF('the archive is cut off', 'a whole tar archive');
}
/** Headers of small neighbours come with one read of this many bytes. */
const windowSize = 4096;
/** A tar file: content between the reads is never touched, so that large blobs cost nothing. */
class FileInput {
    #handle;
    #size;
    #window = nothing;
    #start = 0;
    constructor(handle, size) {
        this.#handle = handle;
        this.#size = size;
    }
    async read(position, length) {
        if (position === this.#size)
            return nothing;
        if (position + length > this.#size)
            throw cutOff();
        if (position < this.#start || position + length > this.#start + this.#window.length) {
            await this.#fill(position, Math.max(length, windowSize));
        }
        const from = position - this.#start;
        if (from + length > this.#window.length)
            throw cutOff();
        return this.#window.subarray(from, from + length);
    }
    async #fill(position, length) {
        const buffer = new Uint8Array(Math.min(length, this.#size - position));
        const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, position);
        this.#window = buffer.subarray(0, bytesRead);
        this.#start = position;
    }
}
/** A tar archive that arrives as a stream, as compressed ones do: what lies between the reads is thrown away. */
class StreamInput {
    #chunks;
    #chunk = nothing;
    /** Position of the current chunk's first byte. */
    #start = 0;
    constructor(chunks) {
        this.#chunks = chunks[Symbol.asyncIterator]();
    }
    async read(position, length) {
        while (this.#end <= position) {
            if (await this.#next())
                continue;
            if (this.#end < position)
                throw cutOff();
            return nothing;
        }
        return this.#collect(position, length);
    }
    /** Closes the stream, wherever it is. */
    async close() {
        await this.#chunks.return?.();
    }
    get #end() {
        return this.#start + this.#chunk.length;
    }
    async #next() {
        const { done, value } = await this.#chunks.next();
        if (done)
            return false;
        this.#start = this.#end;
        this.#chunk = value;
        return true;
    }
    async #collect(position, length) {
        const bytes = new Uint8Array(length);
        for (let filled = 0; filled < length;) {
            const from = position + filled;
            if (from >= this.#end && !(await this.#next()))
                throw cutOff();
            const part = this.#chunk.subarray(from - this.#start, from - this.#start + length - filled);
            bytes.set(part, filled);
            filled += part.length;
        }
        return bytes;
    }
}

;// CONCATENATED MODULE: ./src/sources/layout-archive.ts









/**
 * Opens an OCI image layout in a tar archive, plain or compressed with gzip or zstd.
 *
 * Nothing is extracted. Of a plain archive only the headers are read here, and a blob later from its place in the
 * file. A compressed one is read through here once, and again up to the blob's end for each blob that is not small:
 * it has no other way in. Prefer plain archives; layers are compressed already.
 *
 * @throws SourceError naming the archive and what in it is malformed or hostile.
 */
async function openLayoutArchive(file, limit = inflationLimit) {
    const archive = new LayoutArchive(file, limit);
    await archive.readIndex();
    return archive;
}
class LayoutArchive {
    line;
    name;
    code = 'SOURCE_ARCHIVE';
    #file;
    #limit;
    #compressed;
    #entries = new Map();
    constructor(file, limit) {
        this.line = file.line;
        this.name = `oci-archive:${file.name}`;
        this.#file = file;
        this.#limit = limit;
    }
    async readIndex() {
        try {
            const { entries, repeated } = await this.#index();
            this.#entries = entries;
            for (const pair of repeated)
                await this.#compare(pair);
        }
        catch (error) {
            throw this.#explain(error);
        }
    }
    async size(path) {
        return this.#entries.get(path)?.size;
    }
    async *open(path, offset) {
        const entry = this.#entries.get(path);
        if (entry === undefined)
            throw (0,layout_files/* layoutError */.TG)(this, `${path} is not there`);
        try {
            if (entry.bytes)
                yield entry.bytes.subarray(offset);
            else
                yield* this.#read(entry.offset + offset, entry.size - offset);
        }
        catch (error) {
            throw this.#explain(error, path);
        }
    }
    async #index() {
        const handle = await (0,promises_.open)(this.#file.path);
        try {
            const compression = await detectCompression(handle);
            if (compression === 'none')
                return await indexPlain(handle);
            const { size } = await handle.stat();
            this.#compressed = { path: this.#file.path, compression, size };
            return await this.#indexStream(this.#compressed);
        }
        finally {
            await handle.close();
        }
    }
    async #indexStream(compressed) {
        const input = new StreamInput(decompress(compressed, this.#limit));
        try {
            return await indexArchive(input, 'keep');
        }
        finally {
            await input.close();
        }
    }
    async #compare([first, again]) {
        if ((await this.#hash(first)) === (await this.#hash(again)))
            return;
        throw new format_error/* FormatError */.IF(`${first.name} is there twice, with different content`, 'each file once');
    }
    async #hash({ offset, size }) {
        const hash = (0,external_node_crypto_.createHash)('sha256');
        for await (const chunk of this.#read(offset, size))
            hash.update(chunk);
        return hash.digest('hex');
    }
    #read(start, length) {
        if (length <= 0)
            return [];
        if (this.#compressed !== undefined)
            return cut(decompress(this.#compressed, this.#limit), start, length);
        return (0,external_node_fs_.createReadStream)(this.#file.path, { start, end: start + length - 1, highWaterMark: layout_files/* chunkSize */.ZL });
    }
    #explain(error, path) {
        if (!(error instanceof format_error/* FormatError */.IF))
            return (0,local_file/* fileError */.zS)(this.#file, error);
        const message = path === undefined ? error.message : `${path}: ${error.message}`;
        return (0,layout_files/* layoutError */.TG)(this, message, { hint: `Expected: ${error.expected}.`, cause: error });
    }
}
async function indexPlain(handle) {
    const { size } = await handle.stat();
    if (size === 0)
        throw new format_error/* FormatError */.IF('the file is empty', 'a tar archive');
    return indexArchive(new FileInput(handle, size), 'skip');
}
/** The `length` bytes from `start` on; reads no further. */
async function* cut(chunks, start, length) {
    let position = 0;
    for await (const chunk of chunks) {
        const part = chunk.subarray(Math.max(0, start - position), Math.max(0, start + length - position));
        if (part.length > 0)
            yield part;
        position += chunk.length;
        if (position >= start + length)
            return;
    }
}

// EXTERNAL MODULE: ./src/sources/source-error.ts
var source_error = __webpack_require__(8098);
;// CONCATENATED MODULE: ./src/sources/oci-archive.ts





/** Resolves `oci-archive:FILE`, an OCI image layout in a tar archive. */
async function resolveArchive(line, context) {
    const { path, pick } = line.locator;
    const file = (0,local_file/* localFile */.C1)(line, path, context.directory);
    const stats = await (0,local_file/* statFile */.T1)(file);
    if (stats.isFile())
        return (0,layout/* resolveImages */.B)(await openLayoutArchive(file), line, pick);
    throw (0,source_error/* sourceError */.I)(line, 'SOURCE_ARCHIVE', `${(0,format_error/* quote */.hD)(path)} is no regular file`, {
        ...(stats.isDirectory() && { hint: `For a layout in a directory, write oci:${path}.` }),
    });
}


/***/ })

};
