/** Small PNG files of pictures of text: at most 256 colours, so that a pixel is one byte. */
import { crc32, deflateSync } from 'node:zlib';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and alpha of each pixel. */
  readonly rgba: Buffer;
}

const maxColors = 256;

/** The picture as an indexed PNG (W3C PNG, "PLTE Palette"). */
export function encodePng(pixels: Pixels): Buffer {
  const { width, height } = pixels;
  const palette = paletteOf(pixels);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', paletteBytes(palette.colors)),
    chunk('IDAT', deflateSync(scanlines(pixels, palette.indexes), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

interface Palette {
  readonly colors: readonly number[];
  /** The place in the palette of each colour that occurs. */
  readonly indexes: ReadonlyMap<number, number>;
}

// The colours that are used most; all others, shades at the edges of letters, become the nearest of them.
function paletteOf({ rgba }: Pixels): Palette {
  const counts = new Map<number, number>();
  for (let at = 0; at < rgba.length; at += 4) {
    const color = rgba.readUIntBE(at, 3);
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  const all = [...counts].toSorted(([, a], [, b]) => b - a).map(([color]) => color);
  const colors = all.slice(0, maxColors);
  return { colors, indexes: new Map(all.map((color) => [color, nearest(color, colors)])) };
}

function nearest(color: number, colors: readonly number[]): number {
  const distances = colors.map((other) => distance(color, other));
  return distances.indexOf(Math.min(...distances));
}

function distance(a: number, b: number): number {
  return [0, 8, 16].reduce((sum, shift) => sum + (((a >> shift) & 255) - ((b >> shift) & 255)) ** 2, 0);
}

function paletteBytes(colors: readonly number[]): Buffer {
  const bytes = Buffer.alloc(3 * colors.length);
  for (const [at, color] of colors.entries()) bytes.writeUIntBE(color, 3 * at, 3);
  return bytes;
}

function scanlines({ width, height, rgba }: Pixels, indexes: ReadonlyMap<number, number>): Buffer {
  const lines = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      lines[y * (width + 1) + 1 + x] = indexes.get(rgba.readUIntBE(4 * (y * width + x), 3)) ?? 0;
    }
  }
  return lines;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}
