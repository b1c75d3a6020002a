/** OCI image layouts for tests: as files, in directories, and in archives good and bad. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, type TestContent } from '../images/images.ts';

/** Paths in a layout, and what is there. */
export type LayoutContent = ReadonlyMap<string, Buffer>;

export const refName = 'org.opencontainers.image.ref.name';
export const marker = '{"imageLayoutVersion":"1.0.0"}';

/** The files of a layout whose index.json lists these; by default every content, as its descriptor says. */
export async function layoutOf(
  contents: readonly TestContent[],
  entries: readonly object[] = contents.map(describe),
): Promise<LayoutContent> {
  const files = new Map<string, Buffer>();
  for (const content of contents) await addContent(files, content);
  files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: entries })));
  files.set('oci-layout', Buffer.from(marker));
  return files;
}

async function addContent(files: Map<string, Buffer>, content: TestContent): Promise<void> {
  for (const child of content.children) await addContent(files, child);
  files.set(blobFile(content.digest), content.bytes);
  for (const [digest, blob] of content.blobs)
    if (blob.read) files.set(blobFile(digest), Buffer.concat(await Array.fromAsync(blob.read(0, blob.size))));
}

export function blobFile(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

export async function writeLayout(directory: string, files: LayoutContent): Promise<void> {
  for (const [name, bytes] of files) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), bytes);
  }
}

const typeFlags = {
  file: '0',
  link: '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
} as const;

/** An entry of an archive, and its content when it is a file. */
export interface TarItem {
  readonly name: string;
  readonly type?: keyof typeof typeFlags;
  readonly linkname?: string;
  readonly content?: Uint8Array | string;
}

/** A tar archive with these entries in the ustar format, names beyond it in pax headers (POSIX pax). */
export async function packTar(items: Iterable<TarItem>): Promise<Buffer> {
  return Buffer.concat([...[...items].flatMap(entriesOf), tarEnd]);
}

function entriesOf({ name, type = 'file', linkname = '', content = '' }: TarItem): readonly Buffer[] {
  const entry = rawEntry({ name: name.slice(0, 100), type: typeFlags[type], linkname, content });
  if (name.length <= 100) return [entry];
  return [rawEntry({ name: 'PaxHeader', type: 'x', content: paxRecord('path', name) }), entry];
}

/** A record of a pax header: its own length, in decimal, is part of it. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const guess = rest.length + String(rest.length).length;
  return `${rest.length + String(guess).length}${rest}`;
}

export function tarItems(files: LayoutContent): TarItem[] {
  return [...files].map(([name, content]) => ({ name, content }));
}

export interface RawEntry {
  readonly name: string;
  readonly type?: string;
  /** The size in the header, instead of the content's size; a string is written unchanged. */
  readonly size?: number | string;
  readonly content?: Uint8Array | string;
  readonly magic?: string;
  readonly linkname?: string;
}

/** One entry with a header of one's own. */
export function rawEntry({
  name,
  type = '0',
  size,
  content = '',
  magic = 'ustar\u000000',
  linkname = '',
}: RawEntry): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write(
    typeof size === 'string' ? size : `${(size ?? body.length).toString(8).padStart(11, '0')}\0`,
    124,
    12,
    'latin1',
  );
  header.write('        ', 148);
  header.write(type, 156);
  header.write(linkname, 157, 100);
  header.write(magic, 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

export const tarEnd: Buffer = Buffer.alloc(1024);
