export const id = 352;
export const ids = [352];
export const modules = {

/***/ 6352:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  parseSpec: () => (/* binding */ parseSpec)
});

// EXTERNAL MODULE: ./src/oci/format-error.ts
var format_error = __webpack_require__(1405);
// EXTERNAL MODULE: ./src/oci/reference.ts
var oci_reference = __webpack_require__(2148);
// EXTERNAL MODULE: ./src/spec-input/spec-inputs.ts
var spec_inputs = __webpack_require__(3417);
;// CONCATENATED MODULE: ./src/spec-input/spec-problems.ts

/** Collects all problems of the `spec` input, or of one list of it, each with its line. */
class SpecProblems {
    problems;
    warnings;
    /** Lists that are left out, for the log. */
    notes;
    #place;
    constructor(place = '', whole) {
        this.#place = place;
        this.problems = whole?.problems ?? [];
        this.warnings = whole?.warnings ?? [];
        this.notes = whole?.notes ?? [];
    }
    /** The same problems; what is added here is about one list, by its number from 1. */
    ofList(number) {
        return new SpecProblems(`list ${number}: `, this);
    }
    get count() {
        return this.problems.length;
    }
    add(line, message) {
        this.problems.push({ input: 'spec', line, message: this.#place + message });
    }
    /** Without the list's number: lines of several lists are told as one. */
    warn(line, message) {
        this.warnings.push({ input: 'spec', line, message });
    }
    note(line, message) {
        this.notes.push({ input: 'spec', line, message: this.#place + message });
    }
    /** The fields with every key once; a repeated key is a problem that names both lines. */
    uniqueFields({ fields }) {
        const seen = new Map();
        for (const { key, line, value } of fields) {
            const first = seen.get(key);
            if (first === undefined)
                seen.set(key, { key, line, value });
            else
                this.add(line, `${quoteKey(key)} is given a second time; the first is on line ${first.line}`);
        }
        return [...seen.values()];
    }
}
/** A key for messages: a spec may be a file, so text that does not look like a key is not shown. */
function quoteKey(key) {
    return /^[A-Za-z<][\w.<-]{0,39}$/.test(key) ? (0,format_error/* quote */.hD)(key) : 'a key';
}

;// CONCATENATED MODULE: ./src/spec-input/spec-node.ts
/** The kind of a value, for messages. */
function describeNode(node) {
    return { text: 'text', sequence: 'a list', mapping: 'a mapping' }[node.kind];
}

;// CONCATENATED MODULE: ./src/spec-input/spec-value.ts


/** Reads one line of text; undefined, with a problem that names the key, for any other value. */
function readWord(node, key, problems) {
    if (node.kind !== 'text') {
        problems.add(node.line, `${key} is ${describeNode(node)}; write one value`);
        return undefined;
    }
    const text = node.text.trim();
    if (!text.includes('\n'))
        return { text, line: node.line };
    problems.add(node.line, `${key} has several lines; write one value`);
    return undefined;
}
/** Reads one item per line from a text, or from a list of texts. */
function readLines(node, key, problems) {
    if (node.kind === 'text')
        return rowsOf(node);
    if (node.kind === 'sequence')
        return node.items.flatMap((item) => readItem(item, key, problems) ?? []);
    problems.add(node.line, `${key} is a mapping; write one item per line, or a list`);
    return [];
}
/** Reads `key=value` lines from a text, a list or a mapping, with `prefix` before the keys of a mapping. */
function readPairs(node, key, problems, prefix = '') {
    if (node.kind !== 'mapping')
        return readLines(node, key, problems);
    return problems
        .uniqueFields(node)
        .flatMap((field) => readPair(field, key, problems) ?? [])
        .map(({ text, line }) => ({ text: prefix + text, line }));
}
/** The rows joined to one text. */
function specValue(rows) {
    return { text: rows.map(({ text }) => text).join('\n'), lines: rows.map(({ line }) => line) };
}
function rowsOf({ text, line, style }) {
    const rows = text.split('\n');
    return rows.map((row, at) => ({ text: row, line: style === 'block' ? line + 1 + at : line }));
}
function readItem(item, key, problems) {
    if (item.kind !== 'text') {
        const message = `${key} has ${describeNode(item)} among its items; write text, in quotes where it has braces`;
        problems.add(item.line, message);
        return undefined;
    }
    // An expression without a value would remove an image without a word.
    if (key === 'sources' && item.text.trim() === '' && !item.refused)
        problems.warn(item.line, 'an item of sources is empty, and is ignored');
    return readWord(item, `an item of ${key}`, problems);
}
function readPair(field, name, problems) {
    const key = `${name} ${quoteKey(field.key)}`;
    const word = readWord(field.value, key, problems);
    if (field.key.includes('=')) {
        problems.add(field.line, `${key} has a "=" in its name`);
        return undefined;
    }
    return word && { text: `${field.key}=${word.text}`, line: field.line };
}

;// CONCATENATED MODULE: ./src/spec-input/inputs-form.ts




/** Reads a list whose keys are names of inputs. */
function readInputsForm(mapping, problems) {
    const inputs = new Map();
    const flawed = new Set();
    const fields = problems.uniqueFields(mapping);
    for (const field of fields) {
        const { key, line, value } = field;
        const before = problems.count;
        if (!(0,spec_inputs/* isSpecInput */.Yo)(key))
            problems.add(line, unknownKey(key));
        else {
            inputs.set(key, readValue(key, field, problems));
            if (problems.count > before || (value.kind === 'text' && value.refused))
                flawed.add(key);
        }
    }
    // Empty means the default, as it does for an input.
    for (const [key, { text }] of inputs)
        if (text.trim() === '')
            inputs.delete(key);
    const isOptional = readOptional(inputs.get('optional'), problems);
    const absent = required.filter((name) => !inputs.has(name) && !flawed.has(name));
    const empty = absent.filter((name) => fields.some(({ key }) => key === name));
    if (isOptional && empty.length === absent.length)
        return { inputs, flawed, leftOutFor: empty[0] };
    for (const name of absent) {
        const field = fields.find(({ key }) => key === name);
        problems.add(field?.line ?? mapping.line, field ? `${name} is empty; ${emptyRemedy}` : `has no ${name}`);
        flawed.add(name);
    }
    return { inputs, flawed };
}
const required = ['tags', 'sources'];
const emptyRemedy = 'check that the output in its place is set, or write `optional: true` to leave such a list out';
function readOptional(value, problems) {
    const { text = 'false', lines = [] } = value ?? {};
    if (!/^(?:true|false)$/i.test(text))
        problems.add(lines[0] ?? 1, `optional is ${(0,format_error/* quote */.hD)(text)}; write true or false`);
    return /^true$/i.test(text);
}
function readValue(name, { value }, problems) {
    if (spec_inputs/* specInputs */.Zb[name] === 'lines')
        return specValue(readLines(value, name, problems));
    if (spec_inputs/* specInputs */.Zb[name] === 'pairs')
        return specValue(readPairs(value, name, problems));
    const word = readWord(value, name, problems);
    return specValue(word === undefined ? [] : [word]);
}
function unknownKey(key) {
    if (spec_inputs/* stepInputs */.af.includes(key))
        return `${key} is for the whole step; set it as an input of the step`;
    return `${quoteKey(key)} is not known; expected one of ${Object.keys(spec_inputs/* specInputs */.Zb).join(', ')}, or image and manifests`;
}

;// CONCATENATED MODULE: ./src/spec-input/manifest-tool-form.ts





/**
 * The form of manifest-tool's file (github.com/estesp/manifest-tool, `push from-spec`):
 *
 *     image: registry/repository[:tag]
 *     tags: [more, tags]
 *     annotations: {key: value}
 *     manifests:
 *       - image: registry/repository:tag, with OS, ARCH and VARIANT in it standing for those of the platform
 *         platform: {os, architecture, variant, os.version, os.features, features}
 *
 * `features` (of a CPU, which no client reads) is ignored with a warning. Go templates are refused.
 */
const manifestToolKeys = ['image', 'tags', 'manifests', 'annotations'];
/** The key in a line of `sources` for each key of a platform. */
const manifestToolPlatformKeys = {
    os: 'os',
    architecture: 'arch',
    variant: 'variant',
    'os.version': 'os-version',
    osversion: 'os-version',
    'os.features': 'os-features',
    osfeatures: 'os-features',
    features: '',
};
/** Whether a list has manifest-tool's form. */
function isManifestToolForm({ fields }) {
    return fields.some(({ key }) => key === 'image' || key === 'manifests');
}
/** Converts a list in manifest-tool's form to inputs. */
function readManifestToolForm(mapping, problems) {
    const before = problems.count;
    const reader = new FormReader(problems);
    const { image, tags, manifests, annotations } = reader.fieldsOf(mapping, manifestToolKeys);
    const values = new Map();
    if (image === undefined)
        problems.add(mapping.line, 'has no image');
    else
        values.set('tags', specValue(reader.tags(image, tags)));
    if (manifests === undefined)
        problems.add(mapping.line, 'has no manifests');
    else
        values.set('sources', specValue(reader.sources(manifests)));
    if (annotations !== undefined)
        values.set('annotations', specValue(readPairs(annotations, 'annotations', problems, 'index:')));
    const flawed = problems.count > before ? formInputs : [];
    return { inputs: values, flawed: new Set(flawed) };
}
const formInputs = ['tags', 'sources', 'annotations'];
class FormReader {
    #problems;
    constructor(problems) {
        this.#problems = problems;
    }
    /** The values by key; unknown keys are problems. */
    fieldsOf(mapping, known) {
        const fields = this.#problems.uniqueFields(mapping);
        for (const { key, line } of fields) {
            if (!known.includes(key))
                this.#problems.add(line, `${quoteKey(key)} is not known in manifest-tool's form; expected one of ${known.join(', ')}`);
        }
        return Object.fromEntries(fields.map(({ key, value }) => [key, value]));
    }
    /** The image's own tag, then the others in its repository. */
    tags(image, others) {
        const name = this.#word(image, 'image');
        const reference = name && this.#attempt(name.line, () => (0,oci_reference/* parseReference */.F2)(name.text));
        if (name === undefined || reference === undefined)
            return [];
        if (reference.digest !== undefined)
            this.#problems.add(name.line, `image ${(0,format_error/* quote */.hD)(name.text)} has a digest; write a tag`);
        const rows = others === undefined ? [] : readLines(others, 'tags', this.#problems);
        // manifest-tool accepts a repeated tag without a message.
        const own = reference.tag === undefined ? [] : [{ text: reference.tag, line: name.line }];
        const tags = new Map();
        for (const { text, line } of [...own, ...rows])
            if (text.trim() !== '' && !tags.has(text.trim()))
                tags.set(text.trim(), line);
        if (tags.size === 0)
            this.#problems.add(name.line, `image ${(0,format_error/* quote */.hD)(name.text)} has no tag`);
        // As it is written: a name without its registry is explained where it fails.
        const repository = reference.tag === undefined ? name.text : name.text.slice(0, -1 - reference.tag.length);
        return [...tags].map(([tag, line]) => ({ text: `${repository}:${tag}`, line }));
    }
    sources(manifests) {
        if (manifests.kind !== 'sequence' || manifests.items.length === 0) {
            this.#problems.add(manifests.line, 'manifests is not a list of images with their platforms');
            return [];
        }
        return manifests.items.flatMap((item) => this.#source(item) ?? []);
    }
    #source(item) {
        if (item.kind !== 'mapping') {
            this.#problems.add(item.line, `manifests has ${describeNode(item)} in it; expected image and platform`);
            return undefined;
        }
        const { image, platform } = this.fieldsOf(item, ['image', 'platform']);
        const name = image && this.#word(image, 'image');
        if (image === undefined)
            this.#problems.add(item.line, 'an entry of manifests has no image');
        const words = platform === undefined ? new Map() : this.#platform(platform);
        if (name === undefined)
            return undefined;
        const text = this.#attempt(name.line, () => expand(name.text, words));
        const declared = [...words].map((word) => word.join('='));
        return text === undefined ? undefined : { text: [text, ...declared].join(' '), line: name.line };
    }
    #platform(node) {
        if (node.kind !== 'mapping') {
            this.#problems.add(node.line, `platform is ${describeNode(node)}; expected os and architecture`);
            return new Map();
        }
        const fields = this.fieldsOf(node, Object.keys(manifestToolPlatformKeys));
        return new Map(Object.entries(fields).flatMap(([key, value]) => {
            const text = this.#platformText(key, value);
            return text === '' ? [] : [[manifestToolPlatformKeys[key] ?? '', text]];
        }));
    }
    #platformText(key, value) {
        const name = manifestToolPlatformKeys[key];
        const rows = readLines(value, `platform ${key}`, this.#problems);
        const text = rows
            .map((row) => row.text.trim())
            .filter((row) => row !== '')
            .join(',');
        if (name === '' && text !== '')
            this.#problems.warn(value.line, 'platform features are ignored, because no client reads them');
        if (!/[\s"=]/.test(text))
            return name ? text : '';
        this.#problems.add(value.line, `platform ${key} is ${(0,format_error/* quote */.hD)(text)}; write it without spaces, quotes and "="`);
        return '';
    }
    #word(node, key) {
        const word = readWord(node, key, this.#problems);
        if (word === undefined)
            return undefined;
        const flaw = flawOf(word.text);
        if (flaw === undefined)
            return word;
        this.#problems.add(word.line, `${key} ${flaw}`);
        return undefined;
    }
    #attempt(line, read) {
        try {
            return read();
        }
        catch (error) {
            if (!(error instanceof format_error/* FormatError */.IF))
                throw error;
            this.#problems.add(line, `${error.message} (expected: ${error.expected})`);
            return undefined;
        }
    }
}
function flawOf(text) {
    if (text === '')
        return 'is empty';
    if (text.includes('{{'))
        return `${(0,format_error/* quote */.hD)(text)} is a Go template; write its value instead`;
    return /[\s"]/.test(text) ? `${(0,format_error/* quote */.hD)(text)} contains white space or a quotation mark` : undefined;
}
const placeholderNames = { OS: 'os', ARCH: 'arch', VARIANT: 'variant' };
/**
 * Replaces OS, ARCH and VARIANT if they are whole words, also next to each other as in `app:ARCHVARIANT`: a tag such as
 * `CentOS-7` stays unchanged. VARIANT is empty for a platform without one.
 */
function expand(image, platform) {
    const words = /(?<![A-Za-z0-9])(?:OS|ARCH|VARIANT)+(?![A-Za-z0-9])/g;
    return image.replace(words, (word) => word.replace(/OS|ARCH|VARIANT/g, (name) => {
        const value = platform.get(placeholderNames[name] ?? '') ?? '';
        if (value !== '' || name === 'VARIANT')
            return value;
        throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(image)} has ${name} in it`, 'a platform with os and architecture');
    }));
}

;// CONCATENATED MODULE: ./src/spec-input/spec-list.ts





/** More lists than users need in one step, and few enough to stay fast. */
const maxLists = 256;
/** What a spec is, for messages. */
const specForm = 'a list of entries with tags and sources, or with image and manifests';
/**
 * Reads the lists of a spec, without optional ones that are left out; a single mapping is one list. Adds all problems,
 * also repeated tags.
 */
function readSpecLists(root, problems) {
    const items = root.kind === 'sequence' ? root.items : [root];
    if (items.length === 0)
        problems.add(root.line, `lists nothing to publish; expected ${specForm}`);
    if (items.length > maxLists)
        problems.add(root.line, `has ${items.length} lists; publish at most ${maxLists} in one step`);
    const lists = items
        .slice(0, maxLists)
        .flatMap((item, at) => readList(item, at + 1, problems.ofList(at + 1)) ?? []);
    noteRepeatedTags(lists, problems);
    return lists;
}
function readList(item, number, problems) {
    if (item.kind !== 'mapping') {
        problems.add(item.line, `is ${describeNode(item)}; expected ${specForm}`);
        return undefined;
    }
    const read = isManifestToolForm(item) ? readManifestToolForm : readInputsForm;
    const { inputs, flawed, leftOutFor } = read(item, problems);
    if (leftOutFor === undefined)
        return { number, line: item.line, inputs, flawed };
    problems.note(item.line, `left out: it is optional, and its ${leftOutFor} are empty`);
    return undefined;
}
function noteRepeatedTags(lists, problems) {
    const places = new Map();
    for (const { list, line, name } of lists.flatMap(tagsOf)) {
        const first = places.get(name);
        if (first === undefined)
            places.set(name, { list, line });
        else
            problems.ofList(list).add(line, `${name} is already a tag of list ${first.list} (line ${first.line})`);
    }
}
function tagsOf({ number, inputs }) {
    const { text = '', lines = [] } = inputs.get('tags') ?? {};
    return text.split('\n').flatMap((row, at) => {
        const names = row.trimStart().startsWith('#') ? [] : row.split(',').map((name) => name.trim());
        return names
            .filter((name) => name !== '')
            .map((name) => ({ list: number, line: lines[at] ?? 1, name: canonicalTag(name) }));
    });
}
// The reader of tags reports invalid references.
function canonicalTag(name) {
    try {
        return (0,oci_reference/* formatReference */.FH)((0,oci_reference/* parseReference */.F2)(name));
    }
    catch (error) {
        if (error instanceof format_error/* FormatError */.IF)
            return name;
        throw error;
    }
}

;// CONCATENATED MODULE: ./src/spec-input/yaml-slips.ts

/** Slips in the value of a line, after its key or dash. */
const valueSlips = [
    [/^(?:\[[^"']*)?\*/, 'has a value that begins with "*", which YAML reads as an alias; put it in quotes'],
    [/^(?:"[^"]*|'[^']*)$/, 'has a quotation mark that is not closed'],
    [/^[@`%]/, 'has a value that begins with "$0", which YAML reserves; put it in quotes'],
    [/^\{\w+\}[^\s,]/, 'has a value that begins with "{", which YAML reads as a mapping; put it in quotes'],
    [/^[^\s"'[{|>&*!#][^\s#]*:\s*$/, 'has nothing behind its last ":"; is an expression empty?'],
    [/^[^"'[{|>&*!#][^#]*:\s/, 'has a colon and a space in its value; put the value in quotes'],
];
/**
 * Finds the slips that people make in the YAML of a spec, by its lines: tabs, columns, missing spaces and quotes. Only for
 * texts that are not valid YAML, since some of them are valid elsewhere. Takes linear time.
 */
function findSlips(text) {
    const scan = new SlipScan();
    for (const line of text.split(/\r?\n/))
        scan.read(line);
    return scan.slips;
}
class SlipScan {
    slips = [];
    #line = 0;
    /** The column of the key of a block (`|`), from 0, while its lines are read. */
    #block;
    /** The columns of the dashes of entries, and of the keys of the current one. */
    #dash;
    #keys;
    read(line) {
        this.#line += 1;
        const [indent = ''] = /^[ \t]*/.exec(line) ?? [];
        const rest = line.slice(indent.length);
        if (rest === '' || rest.startsWith('#') || (/^---(?: |$)/.test(line) && this.#keys === undefined))
            return;
        if (this.#block !== undefined && indent.search(/\t|$/) > this.#block)
            return;
        this.#block = undefined;
        const message = indent.includes('\t') ? tab : this.#flawOf(indent.length, rest);
        if (message !== undefined)
            this.slips.push({ line: this.#line, message });
    }
    #flawOf(column, text) {
        const [dashes = ''] = /^(?:- +)*/.exec(text) ?? [];
        const item = text.slice(dashes.length);
        const [, key = '', gap = '', value = ''] = /^([A-Za-z][\w.-]*):( *)(.*)$/.exec(item) ?? [];
        if (/^-[A-Za-z]/.test(item))
            return 'has no space behind "-"';
        const isText = key === '' || (gap === '' && value !== '');
        if (column === 0 && /^(?:---|\.\.\.)(?: |$)/.test(text))
            return secondDocument;
        if (key === 'annotations' && /^[\w./-]+:(?: |$)/.test(value))
            return pairBehind;
        if (!(0,spec_inputs/* isSpecInput */.Yo)(key) && key !== 'manifests') {
            const isStray = isText && dashes === '' && column === 0 && this.#keys !== undefined;
            return isStray ? strayLine : valueFlaw(isText ? item : value);
        }
        if (isText)
            return `has no space behind "${key}:"`;
        const misplaced = this.#place(dashes === '' ? undefined : column, column + dashes.length);
        if (/^[|>][-+0-9]*\s*(?:#.*)?$/.test(value))
            this.#block = column + dashes.length;
        return misplaced ?? (this.#block === undefined ? valueFlaw(value) : undefined);
    }
    #place(dash, key) {
        const [column, expected, others] = dash === undefined
            ? [key, this.#keys, 'the other keys of its entry']
            : [dash, this.#dash, 'the dashes of the other entries'];
        if (dash !== undefined)
            this.#dash ??= dash;
        this.#keys = dash === undefined ? (this.#keys ?? key) : key;
        if (expected === undefined || column === expected)
            return undefined;
        return `begins in column ${column + 1}, and ${others} in column ${expected + 1}`;
    }
}
function valueFlaw(value) {
    for (const [pattern, message] of valueSlips) {
        const found = pattern.exec(value);
        if (found !== null)
            return message.replace('$0', found[0]);
    }
    return undefined;
}
const tab = 'is indented with a tab; write spaces';
const secondDocument = 'begins another YAML document; remove the line, and write all entries as one list';
const pairBehind = 'has a pair behind "annotations:"; write it as key=value, or on a line below';
const strayLine = 'begins in column 1, but continues the value above it; for an expression with several lines, write "|" behind the key and the expression alone on the next line';
/**
 * The text with the lines indented that an expression of several lines, such as an output of docker/metadata-action, put
 * at the start of the line; the number of lines stays. Only for texts that are not valid YAML: there, such a line is never
 * valid.
 */
function reindented(text) {
    let block;
    let list;
    return text
        .split('\n')
        .map((line) => {
        const opening = /^( *(?:- +)*)[\w-]+: *(?:([|>])[-+0-9]*|\[) *\r?$/.exec(line);
        const [, before = '', sign] = opening ?? [];
        if (opening) {
            const inner = ' '.repeat(before.length + 1);
            [block, list] = sign === undefined ? [undefined, inner] : [inner, undefined];
        }
        else if (list !== undefined) {
            const padded = list + line;
            if (/^\s*\]/.test(line))
                list = undefined;
            return padded;
        }
        else if (block !== undefined && /^ +\S/.test(line)) {
            block = line.startsWith(block) ? (/^ */.exec(line)?.[0] ?? block) : undefined;
        }
        else if (block !== undefined && /^[^\s#-]/.test(line) && !/^[\w.-]+:(?:\s|$)/.test(line)) {
            return block + line;
        }
        return line;
    })
        .join('\n');
}

// EXTERNAL MODULE: ./src/actions/input/spec-text.ts
var spec_text = __webpack_require__(7685);
;// CONCATENATED MODULE: ./src/actions/input/spec-input.ts




/** Maximum values of the document; a value behind several aliases counts each time, which limits YAML bombs. */
const maxNodes = 50_000;
/** A manifest-tool file has six levels; deeper values get better messages up to this depth. */
const maxDepth = 12;
/**
 * Parses the text of a spec, YAML or JSON: a list of entries with the names of the inputs, or in manifest-tool's
 * form, or one such entry. Values are text as they are written; anchors and aliases are followed. Every problem is
 * reported, with the number of its list and its line.
 */
async function parseSpec(text) {
    const problems = new SpecProblems();
    const root = await readNodes(text, problems);
    const lists = root === undefined ? [] : readSpecLists(root, problems);
    const { warnings, notes } = problems;
    return { lists, problems: problems.problems, warnings, notes };
}
async function readNodes(text, problems) {
    if (text.length > spec_text/* maxSpecLength */.C) {
        problems.add(1, `has ${text.length} characters; a spec has at most ${spec_text/* maxSpecLength */.C}`);
        return undefined;
    }
    const yaml = await __webpack_require__.e(/* import() */ 815).then(__webpack_require__.t.bind(__webpack_require__, 8815, 19));
    const given = parseYaml(yaml, text);
    const isValid = given.document.errors.length === 0;
    // The lines of expressions are indented if that makes the text valid.
    const indented = isValid ? given : parseYaml(yaml, reindented(text));
    const { document, lines } = indented.document.errors.length === 0 ? indented : given;
    if (document.errors.length > 0) {
        const flaws = document.errors.map((error) => ({
            line: lines.linePos(error.pos[0]).line,
            message: syntaxMessage(error),
        }));
        const slips = findSlips(text);
        for (const { line, message } of slips.length > 0 ? slips : flaws)
            problems.add(line, message);
        return undefined;
    }
    const reader = new NodeReader(yaml, lines, problems);
    const root = reader.read(document.contents, 1, 0);
    return reader.isCut ? undefined : root;
}
function parseYaml(yaml, text) {
    const lines = new yaml.LineCounter();
    // The failsafe schema keeps 1.10 and `on` as they are written. Messages about repeated keys name both lines.
    const document = yaml.parseDocument(text, {
        schema: 'failsafe',
        prettyErrors: false,
        logLevel: 'error',
        lineCounter: lines,
        uniqueKeys: false,
    });
    return { document, lines };
}
// The parser quotes the text after a colon, and a spec may be any file.
function syntaxMessage({ code, message }) {
    if (code === 'MULTIPLE_DOCS')
        return 'has several YAML documents; write one list of entries';
    return `is not valid YAML: ${message.split(': ', 1)[0]}`;
}
/** Converts the parser's tree to SpecNodes: without aliases and types, with lines instead of offsets. */
class NodeReader {
    #yaml;
    #lines;
    #problems;
    /** The parser's own look-up walks the whole document for every alias. */
    #anchors = new Map();
    #nodes = 0;
    /** Whether the document exceeded the limits, so that only a part of it was read. */
    isCut = false;
    constructor(yaml, lines, problems) {
        this.#yaml = yaml;
        this.#lines = lines;
        this.#problems = problems;
    }
    /** `line`: that of an empty value, which has no position of its own */
    read(node, line, depth) {
        const yaml = this.#yaml;
        const place = node?.range ? this.#lines.linePos(node.range[0]).line : line;
        this.#nodes += 1;
        if (this.isCut || this.#nodes > maxNodes || depth > maxDepth)
            return this.#tooMuch(place, depth);
        if (yaml.isAlias(node)) {
            const target = this.#anchors.get(node.source);
            return target
                ? this.read(target, place, depth)
                : this.#refuse(place, 'has an alias without its anchor; put a value that begins with "*" in quotes');
        }
        if (node?.anchor)
            this.#anchors.set(node.anchor, node);
        if (node?.tag !== undefined)
            return this.#refuse(place, 'has a YAML tag; write plain text');
        if (yaml.isSeq(node)) {
            const { items } = node;
            return { kind: 'sequence', line: place, items: items.map((item) => this.read(item, place, depth + 1)) };
        }
        if (yaml.isMap(node))
            return {
                kind: 'mapping',
                line: place,
                fields: this.#fields(node, depth),
            };
        return textOf(node, place);
    }
    #fields(map, depth) {
        return map.items.flatMap(({ key, value }) => {
            const name = this.read(key, 1, depth + 1);
            if (name.kind === 'text')
                return [{ key: name.text, line: name.line, value: this.read(value, name.line, depth + 1) }];
            this.#problems.add(name.line, 'has a key that is not text');
            return [];
        });
    }
    #tooMuch(line, depth) {
        const flaw = depth > maxDepth ? `is nested more than ${maxDepth} levels deep` : `has more than ${maxNodes} values`;
        if (!this.isCut)
            this.#refuse(line, `${flaw}; expected ${specForm}`);
        this.isCut = true;
        return textOf(null, line);
    }
    #refuse(line, message) {
        this.#problems.add(line, message);
        return { ...textOf(null, line), refused: true };
    }
}
function textOf(scalar, line) {
    const text = typeof scalar?.value === 'string' ? scalar.value : '';
    return { kind: 'text', text, line, style: scalar?.type === 'BLOCK_LITERAL' ? 'block' : 'inline' };
}


/***/ })

};
