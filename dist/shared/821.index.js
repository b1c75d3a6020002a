export const id = 821;
export const ids = [821];
export const modules = {

/***/ 821:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  resolveArchive: () => (/* binding */ resolveArchive),
  resolveLayout: () => (/* binding */ resolveLayout)
});

// EXTERNAL MODULE: ./src/oci/format-error.ts
var format_error = __webpack_require__(1405);
// EXTERNAL MODULE: ./src/oci/attestation.ts
var attestation = __webpack_require__(9495);
// EXTERNAL MODULE: ./src/oci/image-index.ts
var image_index = __webpack_require__(5325);
// EXTERNAL MODULE: ./src/oci/json-document.ts
var json_document = __webpack_require__(973);
// EXTERNAL MODULE: ./src/oci/manifest.ts
var manifest = __webpack_require__(2060);
// EXTERNAL MODULE: ./src/oci/media-types.ts
var media_types = __webpack_require__(9217);
// EXTERNAL MODULE: ./src/sources/source-error.ts
var source_error = __webpack_require__(8098);
// EXTERNAL MODULE: ./src/sources/tree-limits.ts
var tree_limits = __webpack_require__(7317);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: ./src/oci/digest.ts
var oci_digest = __webpack_require__(8825);
// EXTERNAL MODULE: ./src/run/errors.ts
var errors = __webpack_require__(4314);
// EXTERNAL MODULE: ./src/sources/local-file.ts
var local_file = __webpack_require__(2428);
;// CONCATENATED MODULE: ./src/sources/layout/layout-files.ts






/** Bytes per read: half of it is 50 % slower, twice of it uses 30 MB more memory. */
const chunkSize = 128 * 1024;
/** The path of a blob in a layout (OCI image-spec 1.1, image-layout.md "Blobs"). */
function blobPath(digest) {
    return `blobs/${(0,oci_digest/* algorithmOf */.Hy)(digest)}/${(0,oci_digest/* encodedOf */.EX)(digest)}`;
}
/** A file of a layout as the subject of an error. */
function layoutFile({ line, place, code, name }, path) {
    return { line, place, code, name: `${name}: ${path}` };
}
/** An error about a layout. */
function layoutError(of, message, options) {
    return (0,source_error/* sourceError */.I8)(of, of.code, `${of.name}: ${message}`, options);
}
/** The annotation that names an entry (OCI image-spec 1.1, image-layout.md "index.json file"). */
const refName = 'org.opencontainers.image.ref.name';
/** The annotation in which containerd and docker write the whole reference. */
const imageName = 'io.containerd.image.name';
/** The names of an entry of index.json. */
function namesOf({ annotations }) {
    return [annotations?.[refName], annotations?.[imageName]].filter((name) => name !== undefined);
}
/** Whether a name is a reference with this tag; a colon before the last slash belongs to a port. */
function hasTag(tag) {
    return (name) => name.slice(name.lastIndexOf('/') + 1).endsWith(`:${tag}`);
}
/** An OCI image layout in a directory. Links are followed within it, since build tools use them for blobs. */
function layoutDirectory(directory) {
    const { line, place } = directory;
    const layout = { line, place, name: `oci:${directory.name}`, code: 'SOURCE_LAYOUT' };
    return {
        ...layout,
        size: async (path) => {
            const file = (0,local_file/* fileIn */.Ed)(directory, path);
            const stats = await (0,promises_.stat)(file.path).catch((error) => {
                if ((0,errors/* isAbsent */.W0)(error))
                    return undefined;
                throw (0,local_file/* fileError */.zS)(file, error);
            });
            if (stats === undefined)
                return undefined;
            await (0,local_file/* realPathOf */.dN)(file, layout.code);
            if (stats.isFile())
                return stats.size;
            throw layoutError(layout, `${path} is not a regular file`);
        },
        async *open(path, offset) {
            const file = (0,local_file/* fileIn */.Ed)(directory, path);
            const real = await (0,local_file/* realPathOf */.dN)(file, layout.code);
            try {
                yield* (0,external_node_fs_.createReadStream)(real, { start: offset, highWaterMark: chunkSize });
            }
            catch (error) {
                throw (0,local_file/* fileError */.zS)(file, error);
            }
        },
    };
}

// EXTERNAL MODULE: ./src/registry/referrers.ts
var referrers = __webpack_require__(9191);
// EXTERNAL MODULE: ./src/run/memo.ts
var memo = __webpack_require__(7959);
;// CONCATENATED MODULE: ./src/sources/layout/layout-referrers.ts





/** In this annotation, `cosign save` writes what a manifest is (sigstore/cosign, pkg/oci/layout). */
const kindKey = 'kind';
const kindPrefix = 'dev.cosignproject.cosign/';
const cosignKinds = { sig: 'sigs', att: 'atts' };
/** A tag with which clients attach a manifest to another one: `sha256-\u2026`, `sha256-\u2026.sig`. */
const attachedName = /(^|:)sha(256|512)-[0-9a-f]{64}(\.\w+)?$/;
/** Whether an entry of index.json is named as one that is attached to an image: a signature, or a list of referrers. */
function isAttached(entry) {
    const kind = cosignKind(entry);
    if (kind !== undefined)
        return !kind.startsWith('image');
    return namesOf(entry).some((name) => attachedName.test(name));
}
/**
 * What index.json lists beside the images of a layout: manifests with a subject, as `oras cp -r` writes them, lists of
 * referrers and cosign's tags as names, as `regctl image copy` does, and the kinds of `cosign save`.
 */
class LayoutReferrers {
    #entries;
    #store;
    #bySubject = new memo/* Memo */.l();
    constructor(entries, store) {
        this.#entries = entries;
        this.#store = store;
    }
    async list(subject, observer) {
        const bySubject = await this.#bySubject.get('all', () => this.#readSubjects(observer));
        const tagged = await this.tagged((0,referrers/* referrersTag */.LN)(subject));
        const listed = tagged?.content.kind === 'index' ? tagged.content.manifests : [];
        const all = [...(bySubject.get(subject) ?? []), ...listed];
        return [...new Map(all.map((entry) => [entry.digest, entry])).values()];
    }
    async tagged(tag) {
        const entry = this.#entries.find((each) => namesOf(each).some((name) => name === tag || hasTag(tag)(name))) ??
            this.#ofKind(tag);
        return entry === undefined ? undefined : this.#store.getManifest(entry.digest);
    }
    // `cosign save` writes one image to a layout, and what is attached to that.
    #ofKind(tag) {
        const [attached = '', suffix = ''] = tag.split('.', 2);
        const kind = cosignKinds[suffix];
        const image = this.#entries.find((entry) => cosignKind(entry)?.startsWith('image'));
        if (kind === undefined || image === undefined || (0,referrers/* referrersTag */.LN)(image.digest) !== attached)
            return undefined;
        return this.#entries.find((entry) => cosignKind(entry) === kind);
    }
    // One by one, and only the subjects are kept: the manifests may be large.
    async #readSubjects(observer) {
        const found = new Map();
        for (const entry of this.#entries) {
            if (!(0,media_types/* isImageType */.G1)(entry.mediaType) && !(0,media_types/* isIndexType */.$U)(entry.mediaType))
                continue;
            const manifest = await this.#read(entry.digest, observer);
            const subject = manifest?.content.subject;
            if (manifest === undefined || subject === undefined)
                continue;
            const { mediaType, digest, size } = manifest;
            found.set(subject.digest, [...(found.get(subject.digest) ?? []), { mediaType, digest, size }]);
        }
        return found;
    }
    async #read(digest, observer) {
        try {
            return await this.#store.readManifest(digest);
        }
        catch (error) {
            if (!(error instanceof errors/* SourceError */.c8))
                throw error;
            observer.warning(`${error.message}. If it is a signature or another referrer, it was not copied`);
            return undefined;
        }
    }
}
function cosignKind({ annotations }) {
    const kind = annotations?.[kindKey];
    return kind?.startsWith(kindPrefix) ? kind.slice(kindPrefix.length) : undefined;
}

// EXTERNAL MODULE: ./src/registry/manifest-budget.ts
var manifest_budget = __webpack_require__(2082);
;// CONCATENATED MODULE: ./src/sources/layout/layout-store.ts







/** The content of an OCI image layout. Only manifests are kept in memory. */
class LayoutStore {
    name;
    referrers;
    #files;
    #budget;
    #manifests = new memo/* Memo */.l();
    constructor(files, entries, budget) {
        this.name = files.name;
        this.referrers = new LayoutReferrers(entries, this);
        this.#files = files;
        this.#budget = budget;
    }
    /** Adds a manifest that is not in a file of the layout. */
    hold(manifest) {
        void this.#manifests.get(manifest.digest, async () => manifest);
    }
    getManifest(digest) {
        return this.#manifests.get(digest, async () => {
            const name = `${digest} in ${this.name}`;
            this.#budget.hold(name, (await this.#files.size(blobPath(digest))) ?? 0);
            const manifest = await this.readManifest(digest);
            this.#budget.hold(name, (0,manifest_budget/* weightOf */.m)(manifest));
            return manifest;
        });
    }
    // No registry has the content of a layout, so it will be copied.
    keep(manifest) {
        return manifest;
    }
    async getBlob(descriptor) {
        const path = blobPath(descriptor.digest);
        await this.#checkSize(path, descriptor.size);
        const bytes = await readWhole(this.#files, path, manifest/* manifestLimit */.t7);
        if ((0,oci_digest/* digestMatches */.U2)(bytes, descriptor.digest))
            return bytes;
        throw layoutError(this.#files, `the digest of ${path} differs from its name`, damaged);
    }
    /** Checks the size first and, with offset 0, the digest at the end; throws SourceError. */
    async *openBlob(descriptor, offset = 0) {
        const path = blobPath(descriptor.digest);
        await this.#checkSize(path, descriptor.size);
        const verifier = offset === 0 ? new oci_digest/* DigestVerifier */.Do(descriptor) : undefined;
        for await (const chunk of this.#files.open(path, offset)) {
            this.#check(path, () => verifier?.update(chunk));
            yield chunk;
        }
        this.#check(path, () => verifier?.finish());
    }
    /** Like getManifest, but the manifest is not kept. */
    async readManifest(digest) {
        const path = blobPath(digest);
        const bytes = await readWhole(this.#files, path, manifest/* manifestLimit */.t7);
        return this.#check(path, () => (0,manifest/* parseManifest */.Ng)(bytes, undefined, digest));
    }
    async #checkSize(path, size) {
        const actual = await this.#files.size(path);
        if (actual === undefined)
            throw missing(this.#files, path);
        if (actual === size)
            return;
        throw layoutError(this.#files, `${path} has ${actual} bytes, but its descriptor says ${size}`, damaged);
    }
    #check(path, read) {
        return (0,source_error/* parseSource */.PJ)(layoutFile(this.#files, path), read, damaged.hint);
    }
}
/** Reads a small file of a layout. Throws SourceError when it is missing or has more than `maxSize` bytes. */
async function readWhole(files, path, maxSize) {
    const size = await files.size(path);
    if (size === undefined)
        throw missing(files, path);
    const chunks = [];
    let read = 0;
    // The size that the file system states may be wrong; the bytes that are read count.
    if (size <= maxSize)
        for await (const chunk of files.open(path, 0)) {
            read += chunk.byteLength;
            if (read > maxSize)
                break;
            chunks.push(chunk);
        }
    if (Math.max(size, read) <= maxSize)
        return Buffer.concat(chunks);
    throw layoutError(files, `${path} has more than the maximum of ${maxSize} bytes`);
}
const damaged = { hint: 'Create it again: it was damaged or changed after it was created.' };
function missing(files, path) {
    return layoutError(files, `${path} is missing`, {
        hint: 'Create it again, with all platforms of the image: it is incomplete, or was truncated by a transfer.',
    });
}

;// CONCATENATED MODULE: ./src/sources/layout/layout.ts











/** Bytes of the `oci-layout` file, which needs about 30. */
const maxMarkerSize = 4096;
/**
 * Finds the images of a layout (OCI image-spec 1.1, image-layout.md). With a tag: the entries of index.json whose ref.name, or containerd's image name, is that tag or a reference with
 * that tag. With a digest: that manifest, listed in index.json or below it. With neither: every image listed, each once
 * however many tags it has; artifacts and signatures beside images are skipped, and so is an image without a name that
 * a list beside it has, since oras lists both. An attestation that is listed beside its image is returned with it, as
 * one index of the two. Throws SourceError when it is not a layout, or has no such image.
 */
async function resolveImages(files, line, pick, { budget }) {
    await checkMarker(files);
    const entries = await readEntries(files);
    const layout = { files, store: new LayoutStore(files, entries, budget), entries };
    const images = await findImages(layout, pick);
    const named = pick !== undefined || images.length > 1;
    return Promise.all(images.map(async (image) => {
        const label = named ? files.name + suffix(image) : files.name;
        return { line, label, store: layout.store, ...(await content(image, layout)) };
    }));
}
async function checkMarker(files) {
    if ((await files.size('oci-layout')) === undefined) {
        const message = 'this is not an OCI layout: the file oci-layout is missing';
        throw (await savedImage(files)) ?? layoutError(files, message, { hint: layoutHint });
    }
    const bytes = await readWhole(files, 'oci-layout', maxMarkerSize);
    const version = (0,source_error/* parseSource */.PJ)(layoutFile(files, 'oci-layout'), () => {
        const { imageLayoutVersion } = (0,json_document/* objectAt */.lJ)((0,json_document/* parseJsonDocument */.dH)(bytes), 'the file');
        return (0,json_document/* stringAt */.bX)(imageLayoutVersion, 'imageLayoutVersion');
    });
    if (/^1\.[0-9.]+$/.test(version))
        return;
    throw layoutError(files, 'the layout has an unsupported version', { hint: 'Expected a version 1.x.' });
}
const layoutHint = 'Create one with `docker buildx build --output type=oci,dest=app.tar` or `skopeo copy \u2026 oci-archive:app.tar`.';
async function readEntries(files) {
    const bytes = await readWhole(files, 'index.json', manifest/* manifestLimit */.t7);
    const { content } = (0,source_error/* parseSource */.PJ)(layoutFile(files, 'index.json'), () => (0,manifest/* parseManifest */.Ng)(bytes, undefined));
    if (content.kind === 'index')
        return content.manifests;
    throw layoutError(files, 'index.json is not an image index');
}
async function findImages(layout, pick) {
    const listed = pickEntries(layout.entries, pick);
    const subject = `${(0,source_error/* placeOf */.$t)(layout.files)}: ${layout.files.name}`;
    new tree_limits/* TreeLimits */.x(subject, 'Name one image of it, by its tag or digest.').count(listed);
    const read = await Promise.all(listed.map((entry) => readEntry(entry, layout)));
    const images = read
        .filter(({ entry, manifest }) => !(0,attestation/* isAttestation */.H3)(entry, manifest))
        .filter(pick === undefined ? isImageOf(read) : () => true);
    if (images.length > 0)
        return images;
    if (pick === undefined || 'tag' in pick)
        throw noImage(layout, pick);
    return [{ manifest: await layout.store.getManifest(pick.digest) }];
}
function pickEntries(entries, pick) {
    const images = entries.filter(({ mediaType }) => media_types/* manifestTypes */.Fm.includes(mediaType));
    if (pick === undefined)
        return unique(images);
    if ('digest' in pick)
        return unique(images.filter(({ digest }) => digest === pick.digest));
    const exact = images.filter((entry) => namesOf(entry).includes(pick.tag));
    return unique(exact.length > 0 ? exact : images.filter((entry) => namesOf(entry).some(hasTag(pick.tag))));
}
function unique(entries) {
    const first = new Map(entries.toReversed().map((entry) => [entry.digest, entry]));
    return entries.filter((entry) => first.get(entry.digest) === entry);
}
async function readEntry(entry, { files, store }) {
    const manifest = await store.getManifest(entry.digest);
    if (manifest.size === entry.size && manifest.mediaType === entry.mediaType)
        return { manifest, entry };
    const actual = `${manifest.size} bytes of ${manifest.mediaType}`;
    throw layoutError(files, `index.json lists ${entry.digest} as ${entry.size} bytes of ${entry.mediaType}, but it is ${actual}`);
}
function isImageOf(all) {
    const lists = all.flatMap(({ manifest: { content } }) => content.kind === 'index' ? content.manifests : []);
    const listed = new Set(lists.map(({ digest }) => digest));
    return ({ entry, manifest: { content } }) => {
        if (content.kind === 'image' && !(0,media_types/* isConfigType */.lJ)(content.config.mediaType))
            return false;
        return !isAttached(entry) && (namesOf(entry).length > 0 || !listed.has(entry.digest));
    };
}
function suffix({ manifest, entry }) {
    const name = entry?.annotations?.[refName];
    return name === undefined ? `@${manifest.digest}` : `:${name}`;
}
async function content({ manifest, entry }, layout) {
    const attestations = await readAttestations(manifest.digest, layout);
    if (entry !== undefined && attestations.length > 0) {
        const index = (0,image_index/* assembleIndex */.Hw)([withoutNames(entry), ...attestations], { format: 'oci' });
        layout.store.hold(index);
        return { manifest: index };
    }
    const platform = manifest.content.kind === 'image' ? entry?.platform : undefined;
    return platform ? { manifest, platform } : { manifest };
}
// An image may be annotated as an attestation, too.
async function readAttestations(subject, layout) {
    const claimed = unique(layout.entries.filter((entry) => (0,attestation/* attestationSubject */.dX)(entry) === subject));
    const read = await Promise.all(claimed.map((entry) => readEntry(entry, layout)));
    return read.filter(({ entry, manifest }) => (0,attestation/* isAttestation */.H3)(entry, manifest)).map(({ entry }) => entry);
}
/** The entry without the annotations that only a layout needs. */
function withoutNames({ annotations = {}, ...entry }) {
    const kept = Object.entries(annotations).filter(([name]) => name !== refName && name !== imageName);
    return kept.length === 0 ? entry : { ...entry, annotations: Object.fromEntries(kept) };
}
function noImage({ files, entries }, pick) {
    const names = [...new Set(entries.flatMap(namesOf))].slice(0, 10).map(format_error/* quote */.hD);
    const message = pick ? `it has no image named ${(0,format_error/* quote */.hD)(pick.tag)}` : 'it has no image';
    const hint = names.length > 0 ? `Choose one of ${names.join(', ')}.` : layoutHint;
    return layoutError(files, message, { hint });
}
/**
 * The error for a directory or an archive that other tools write in place of a layout: docker's own form (moby,
 * image/tarexport; containers/image, docker-archive), or skopeo's form of a directory (containers/image, directory).
 * Undefined for anything else.
 */
async function savedImage(files) {
    const path = files.name.slice(files.name.indexOf(':') + 1);
    if (files.code === 'SOURCE_LAYOUT' && (await holds(files, 'version', /^Directory Transport Version/))) {
        const hint = `Convert it: \`skopeo copy ${shown(`dir:${path}`)} ${shown(`oci:${path}-oci`)}\`.`;
        return layoutError(files, "this is skopeo's own form of a directory, not an OCI layout", { hint });
    }
    if (!(await holds(files, 'manifest.json', /"Layers"\s*:/)))
        return undefined;
    const converted = path.replace(/(?:\.tar)?$/, '-oci.tar');
    const convert = files.code === 'SOURCE_ARCHIVE'
        ? `Convert it: \`skopeo copy ${shown(`docker-archive:${path}`)} ${shown(`oci-archive:${converted}`)}\`. Or write`
        : 'Write';
    return layoutError(files, `this is docker's own form of an ${kinds[files.code]}`, {
        hint: `${convert} ${waysOut}`,
    });
}
const kinds = {
    SOURCE_ARCHIVE: 'archive, as `docker save`, `podman save` and `skopeo copy \u2026 docker-archive:` write it, not an OCI layout',
    SOURCE_LAYOUT: 'image, unpacked, not an OCI layout',
};
const waysOut = 'a layout from the start: `docker buildx build --output type=oci,dest=app.tar`, ' +
    '`podman save --format oci-archive --output app.tar IMAGE`, or `docker save` of Docker 25 and later.';
const maxSize = 1024 * 1024;
async function holds(files, path, pattern) {
    if (((await files.size(path)) ?? maxSize + 1) > maxSize)
        return false;
    return pattern.test(Buffer.from(await readWhole(files, path, maxSize)).toString('utf8'));
}
function shown(text) {
    return /^[\w./:@-]+$/.test(text) ? text : (0,format_error/* quote */.hD)(text);
}

// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(7075);
// EXTERNAL MODULE: external "node:zlib"
var external_node_zlib_ = __webpack_require__(8522);
// EXTERNAL MODULE: ./src/http/buffer-collector.ts
var buffer_collector = __webpack_require__(8670);
;// CONCATENATED MODULE: ./src/sources/layout/compression.ts






const signatures = [
    { bytes: [0x1f, 0x8b], name: 'gzip' },
    { bytes: [0x28, 0xb5, 0x2f, 0xfd], name: 'zstd' },
    { bytes: [0x42, 0x5a, 0x68], name: 'bzip2' },
    { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], name: 'xz' },
];
/**
 * Detects the compression of a file by its first bytes (RFC 1952, RFC 8878). Throws FormatError for bzip2 and xz, which
 * are not supported.
 */
async function detectCompression(handle) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    const start = buffer.subarray(0, bytesRead);
    const name = signatures.find(({ bytes }) => bytes.every((byte, at) => start[at] === byte))?.name ?? 'none';
    if (name === 'none' || name === 'gzip' || name === 'zstd')
        return name;
    const message = `the archive is compressed with ${name}`;
    throw new format_error/* FormatError */.IF(message, 'tar, plain or compressed with gzip or zstd');
}
/**
 * Images stay far below, since their layers are compressed already. A file of zeros inflates 1000 times with gzip and
 * far more with zstd: a small one could keep a job busy for hours.
 */
const maxInflation = { free: 1024 ** 3, ratio: 200 };
/** The bytes that an archive may inflate to, in all passes over it together. */
class InflationBudget {
    #size;
    #maxSize;
    #inflated = 0;
    constructor(size, { free, ratio }) {
        this.#size = size;
        this.#maxSize = free + ratio * size;
    }
    spend(count) {
        this.#inflated += count;
        if (this.#inflated <= this.#maxSize)
            return;
        const message = `the archive of ${this.#size} bytes inflates to more than ${this.#maxSize} bytes`;
        throw new format_error/* FormatError */.IF(message, 'an archive of compressed layers, or an uncompressed archive');
    }
}
/** Decompresses a file. Throws FormatError when the data is damaged or truncated, or inflates beyond the limit. */
async function* decompress({ path, compression, budget }) {
    const output = compression === 'gzip' ? (0,external_node_zlib_.createGunzip)({ chunkSize: chunkSize }) : (0,external_node_zlib_.createZstdDecompress)({ chunkSize: chunkSize });
    const buffers = new buffer_collector/* BufferCollector */.y();
    // The iteration below throws the error too.
    (0,external_node_stream_.pipeline)((0,external_node_fs_.createReadStream)(path, { highWaterMark: chunkSize }), output, () => { });
    try {
        for await (const chunk of output) {
            buffers.passed(chunk.byteLength);
            budget.spend(chunk.byteLength);
            yield chunk;
        }
    }
    catch (error) {
        const isDamaged = error instanceof Error && 'code' in error && /^(?:Z_|ZSTD_)/.test(String(error.code));
        if (!isDamaged)
            throw error;
        const message = `the ${compression} data is damaged or truncated (${error.message})`;
        throw new format_error/* FormatError */.IF(message, 'a complete archive');
    }
}

;// CONCATENATED MODULE: ./src/sources/layout/tar-entries.ts

/** An image of 100 platforms with 127 layers each, all different, has fewer. */
const maxEntries = 100_000;
/** Bytes of an extended header or a long name; paths in a layout have about 80. */
const maxExtensionSize = 256 * 1024;
/**
 * Lists the regular files in a tar archive by reading its headers: ustar, pax and GNU's long names. Throws FormatError
 * for entries that a layout does not need but an attacker might: devices, FIFOs, sparse files, absolute names and names
 * with `..`; for a truncated archive; and for more than 100 000 entries.
 */
async function* readTarEntries(input) {
    let extension = {};
    let position = 0;
    for (let count = 0; count < maxEntries; count++) {
        const block = await input.read(position, blockSize);
        const header = block.length === 0 ? undefined : parseTarHeader(block);
        if (header === undefined)
            return;
        const offset = position + blockSize;
        const found = await readExtension(header, offset, input);
        const entry = found ? header : { ...header, ...extension };
        extension = found ? { ...extension, ...found } : {};
        const link = found ? undefined : linkTypes.get(entry.type);
        const flaw = link && new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(entry.name)} is ${link}`, fileForm);
        const file = !found && !flaw && isFile(entry);
        if (file)
            yield { name: cleanName(entry.name), size: entry.size, offset };
        else if (flaw)
            yield { name: entry.name, size: 0, offset, flaw };
        // The content is padded to whole blocks.
        position = offset + (found || file ? Math.ceil(entry.size / blockSize) * blockSize : 0);
    }
    throw new format_error/* FormatError */.IF(`the archive has more than ${maxEntries} entries`, 'an image layout');
}
/** Reads a header that describes the next entry: pax `x` and GNU `L`; pax `g` and GNU `K` change nothing here. */
async function readExtension(header, offset, input) {
    if (!'xgLK'.includes(header.type))
        return undefined;
    if (header.size > maxExtensionSize) {
        throw new format_error/* FormatError */.IF(`a header has ${header.size} bytes of extensions`, `at most ${maxExtensionSize}`);
    }
    if (header.type === 'K' || header.size === 0)
        return {};
    const bytes = await input.read(offset, header.size);
    if (header.type === 'L')
        return { name: parseText(bytes) };
    const records = parsePaxRecords(bytes);
    if (header.type === 'x')
        return readPax(records);
    if (!records.has('path') && !records.has('size'))
        return {};
    const message = 'a global header sets a path or size for all entries';
    throw new format_error/* FormatError */.IF(message, 'a path and size in each entry');
}
function readPax(records) {
    if ([...records.keys()].some((key) => key.startsWith('GNU.sparse.'))) {
        throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(records.get('path') ?? 'an entry')} is a sparse file`, fileForm);
    }
    const name = records.get('path');
    const size = records.get('size');
    if (size !== undefined && !/^[0-9]{1,16}$/.test(size))
        throw new format_error/* FormatError */.IF(`a pax header has the size ${(0,format_error/* quote */.hD)(size)}`, 'decimal digits');
    return {
        ...(name === undefined ? {} : { name }),
        ...(size === undefined ? {} : { size: checkSize(Number(size), 'a pax size') }),
    };
}
const fileForm = 'regular files and directories only';
const linkTypes = new Map([
    ['1', 'a hard link'],
    ['2', 'a symbolic link'],
]);
const refusedTypes = new Map([
    ['3', 'a character device'],
    ['4', 'a block device'],
    ['6', 'a FIFO'],
    ['S', 'a sparse file'],
]);
/** Whether the entry is a regular file, not a directory; refuses anything else. */
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
        throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(name)} leads out of the archive with ".."`, 'names within the archive');
    }
    return parts.filter((part) => part !== '' && part !== '.').join('/');
}
/** Bytes of a header; entries are padded to a multiple of it. */
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
 * Undefined for a block of zeros, which ends an archive. Throws FormatError when it is not a header.
 */
function parseTarHeader(block) {
    if (block.every((byte) => byte === 0))
        return undefined;
    const own = block.subarray(148, 156);
    if (sum(block) - sum(own) + 8 * 0x20 !== parseNumber(own)) {
        throw new format_error/* FormatError */.IF('a header has the wrong checksum', 'a tar archive');
    }
    const type = String.fromCharCode(block[156] || 0x30);
    return { name: fullName(block), size: parseNumber(block.subarray(124, 136)), type };
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
    const [first = 0] = field;
    if ((first & 0x80) !== 0) {
        const value = field.subarray(1).reduce((total, byte) => total * 256 + byte, first & 0x7f);
        return checkSize(value, 'a base-256 number');
    }
    const digits = parseText(field).trim();
    if (!/^[0-7]{0,12}$/.test(digits))
        throw new format_error/* FormatError */.IF(`a header has the number ${(0,format_error/* quote */.hD)(digits)}`, 'octal digits');
    return digits === '' ? 0 : Number.parseInt(digits, 8);
}
/** Throws FormatError when the number is not a safe integer. */
function checkSize(size, name) {
    if (Number.isSafeInteger(size) && size >= 0)
        return size;
    throw new format_error/* FormatError */.IF(`a header has ${name} that is too large`, 'a size below 8 PiB');
}
/**
 * Reads the records of a pax extended header, `LENGTH KEY=VALUE\n` each (POSIX.1-2024 pax, "pax Extended Header").
 * Throws FormatError when a record is malformed.
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

;// CONCATENATED MODULE: ./src/sources/layout/tar-input.ts

const nothing = new Uint8Array(0);
function truncated() {
    return new format_error/* FormatError */.IF('the archive is truncated', 'a complete tar archive');
}
/** Bytes per read of headers: one read covers the headers of several small files. */
const windowSize = 4096;
/** A tar file: bytes between the reads are never read, so large blobs cost nothing. */
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
            throw truncated();
        if (position < this.#start || position + length > this.#start + this.#window.length) {
            await this.#fill(position, Math.max(length, windowSize));
        }
        const from = position - this.#start;
        if (from + length > this.#window.length)
            throw truncated();
        return this.#window.subarray(from, from + length);
    }
    async #fill(position, length) {
        const buffer = new Uint8Array(Math.min(length, this.#size - position));
        const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, position);
        this.#window = buffer.subarray(0, bytesRead);
        this.#start = position;
    }
}
/** A tar archive as a stream, such as a compressed one: bytes between the reads are discarded. */
class StreamInput {
    #chunks;
    #chunk = nothing;
    #start = 0;
    constructor(chunks) {
        this.#chunks = chunks[Symbol.asyncIterator]();
    }
    async read(position, length) {
        while (this.#end <= position) {
            if (await this.#next())
                continue;
            if (this.#end < position)
                throw truncated();
            return nothing;
        }
        return this.#collect(position, length);
    }
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
                throw truncated();
            const part = this.#chunk.subarray(from - this.#start, from - this.#start + length - filled);
            bytes.set(part, filled);
            filled += part.length;
        }
        return bytes;
    }
}

;// CONCATENATED MODULE: ./src/sources/layout/layout-archive.ts










/**
 * Opens an OCI image layout in a tar archive, plain or compressed with gzip or zstd. Nothing is extracted. In a plain
 * archive, this reads the headers only, and a blob is read later from its offset in the file. A compressed archive has no
 * random access: it is read once here, and again up to the blob's end for each large blob. Prefer plain archives, since
 * layers are compressed already. Throws SourceError when the archive is malformed or hostile.
 */
async function openLayoutArchive(file, budget, limit = maxInflation) {
    const { line, place } = file;
    const archive = { line, place, name: `oci-archive:${file.name}`, code: 'SOURCE_ARCHIVE' };
    const explain = (error, subject) => error instanceof format_error/* FormatError */.IF ? (0,source_error/* asSourceError */.kS)(error, subject) : (0,local_file/* fileError */.zS)(file, error);
    // Small files are not parsed, and take a quarter of the memory of manifests.
    const keepSmall = (name, size) => {
        if (size > 2 * budget.left)
            return 'skip';
        budget.hold(`${name} of ${archive.name}`, size / 4);
        return 'keep';
    };
    const { entries, compressed } = await indexFile(file.path, keepSmall, limit).catch((error) => {
        throw explain(error, archive);
    });
    return {
        ...archive,
        size: async (path) => entries.get(path)?.size,
        async *open(path, offset) {
            const entry = entries.get(path);
            if (entry === undefined)
                throw layoutError(archive, `${path} is missing`);
            try {
                if (entry.bytes)
                    yield entry.bytes.subarray(offset);
                else
                    yield* read(compressed ?? file.path, entry.offset + offset, entry.size - offset);
            }
            catch (error) {
                throw explain(error, layoutFile(archive, path));
            }
        },
    };
}
async function indexFile(path, keeps, limit) {
    const handle = await (0,promises_.open)(path);
    try {
        const compression = await detectCompression(handle);
        if (compression === 'none')
            return { entries: await indexPlain(handle) };
        const { size } = await handle.stat();
        const compressed = { path, compression, budget: new InflationBudget(size, limit) };
        const input = new StreamInput(decompress(compressed));
        const entries = await indexArchive(input, keeps).finally(() => input.close());
        return { entries, compressed };
    }
    finally {
        await handle.close();
    }
}
function read(file, start, length) {
    if (length <= 0)
        return [];
    if (typeof file !== 'string')
        return cut(decompress(file), start, length);
    return (0,external_node_fs_.createReadStream)(file, { start, end: start + length - 1, highWaterMark: chunkSize });
}
async function indexPlain(handle) {
    const { size } = await handle.stat();
    if (size === 0)
        throw new format_error/* FormatError */.IF('the file is empty', 'a tar archive');
    return indexArchive(new FileInput(handle, size), () => 'skip');
}
/** Yields the `length` bytes from `start` on, and reads no further. */
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
/** Bytes of a file that is kept from a stream: reading manifests and configs must not read the archive again. */
const maxKeptSize = 1024 * 1024;
/**
 * Lists the files of an image layout in a tar archive, and skips others. Throws FormatError when the archive is malformed or hostile, see
 * {@link readTarEntries}, for links, and when a file occurs twice, as readers differ in which of the two they take.
 */
async function indexArchive(input, keeps) {
    const entries = new Map();
    let flaw;
    for await (const entry of readTarEntries(input)) {
        flaw ??= entry.flaw;
        if (entry.flaw || !layoutFiles.test(entry.name))
            continue;
        if (entries.has(entry.name))
            throw new format_error/* FormatError */.IF(`${entry.name} occurs twice`, 'each file once');
        const maxSize = entry.name === 'index.json' ? manifest/* manifestLimit */.t7 : maxKeptSize;
        if (entry.size <= maxSize && keeps(entry.name, entry.size) === 'keep') {
            entries.set(entry.name, { ...entry, bytes: await input.read(entry.offset, entry.size) });
        }
        else {
            entries.set(entry.name, entry);
        }
    }
    // Docker's own form has links before its manifest.json, and is refused with a message of its own.
    const isSavedImage = entries.has('manifest.json') && !entries.has('oci-layout');
    if (flaw !== undefined && !isSavedImage)
        throw flaw;
    return entries;
}
/** `manifest.json` is not part of a layout; it identifies an archive of `docker save`. */
const layoutFiles = /^(?:oci-layout|index\.json|manifest\.json|blobs\/(?:sha256\/[0-9a-f]{64}|sha512\/[0-9a-f]{128}))$/;

;// CONCATENATED MODULE: ./src/sources/resolve/oci.ts






/** Resolves `oci:DIR`, an OCI image layout in a directory. */
async function resolveLayout(line, context) {
    const { path, pick } = line.locator;
    const directory = (0,local_file/* localFile */.C1)(line, path, context.directory);
    if ((await (0,local_file/* statFile */.T1)(directory)).isDirectory()) {
        return resolveImages(layoutDirectory(directory), line, pick, context);
    }
    throw (0,source_error/* sourceError */.I8)(line, 'SOURCE_LAYOUT', `${(0,format_error/* quote */.hD)(path)} is not a directory`, {
        hint: `Write oci-archive:${path} for an archive.`,
    });
}
/** Resolves `oci-archive:FILE`, an OCI image layout in a tar archive. */
async function resolveArchive(line, context) {
    const { path, pick } = line.locator;
    const file = (0,local_file/* localFile */.C1)(line, path, context.directory);
    const stats = await (0,local_file/* statFile */.T1)(file);
    if (stats.isFile()) {
        const path = await (0,local_file/* realPathOf */.dN)(file, 'SOURCE_ARCHIVE');
        return resolveImages(await openLayoutArchive({ ...file, path }, context.budget), line, pick, context);
    }
    throw (0,source_error/* sourceError */.I8)(line, 'SOURCE_ARCHIVE', `${(0,format_error/* quote */.hD)(path)} is not a regular file`, {
        ...(stats.isDirectory() && { hint: `Write oci:${path} for a layout in a directory.` }),
    });
}


/***/ })

};
