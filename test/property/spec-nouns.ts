import fc from 'fast-check';
import { type Descriptor, parseDescriptor } from '../../src/oci/descriptor.ts';
import { manifestTypes } from '../../src/oci/media-types.ts';
import type { Platform } from '../../src/oci/platform.ts';

/** Strings of one to `maxLength` characters out of `alphabet`. */
export function word(alphabet: string, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength });
}

const lower = 'abcxyz019';
const alnum = 'abzABZ019';

/** A control character: C0, DEL or C1. */
export const controlCharacter: fc.Arbitrary<string> = fc
  .oneof(fc.integer({ min: 0, max: 0x1f }), fc.integer({ min: 0x7f, max: 0x9f }))
  .map((code) => String.fromCharCode(code));

const component = fc
  .tuple(
    word(lower, 5),
    fc.array(fc.tuple(fc.constantFrom('.', '_', '__', '-', '---'), word(lower, 5)), { maxLength: 3 }),
  )
  .map(([first, rest]) => first + rest.flat().join(''));

/** A repository's path of one to four components. */
export const path: fc.Arbitrary<string> = fc
  .array(component, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'));

const hostName = fc
  .array(word(alnum, 6), { minLength: 2, maxLength: 3 })
  .map((labels) => `${labels.join('.')}.io`);
const host = fc.oneof(
  hostName,
  fc.constantFrom(
    ...'localhost [::1] [fe80::1:2] [FE80::A] docker.io index.docker.io registry-1.docker.io'.split(' '),
  ),
  fc.ipV4(),
);

/** `host[:port]` as a user may write it. */
export const registry: fc.Arbitrary<string> = fc
  .tuple(host, fc.option(fc.integer({ min: 1, max: 65535 })))
  .map(([name, port]) => (port === null ? name : `${name}:${port}`));

/** A legal tag. */
export const tag: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...`${alnum}_`),
    fc.string({ unit: fc.constantFrom(...`${alnum}_.-`), maxLength: 127 }),
  )
  .map(([first, rest]) => first + rest);

/** A legal digest of either algorithm. */
export const digest: fc.Arbitrary<string> = fc
  .tuple(
    fc.boolean(),
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 128, maxLength: 128 }),
  )
  .map(([long, hex]) => (long ? `sha512:${hex}` : `sha256:${hex.slice(0, 64)}`));

/** A legal reference in any form a user may write it. */
export const reference: fc.Arbitrary<string> = fc
  .record({ registry: fc.option(registry), path, tag: fc.option(tag), digest: fc.option(digest) })
  .map((part) => {
    // Without a registry, a first component with a dot would be read as one.
    const name = part.registry === null ? part.path.replaceAll('.', '-') : `${part.registry}/${part.path}`;
    return `${name}${part.tag === null ? '' : `:${part.tag}`}${part.digest === null ? '' : `@${part.digest}`}`;
  })
  .filter((text) => !/^(?:sha(?:256|512):|[0-9a-f]{64}$)/.test(text));

const os = fc.oneof(
  fc.constantFrom('linux', 'windows', 'macos', 'Darwin', 'unknown'),
  word('abcXYZ019_.-', 8),
);
const architecture = fc.oneof(
  fc.constantFrom(...'amd64 x86_64 x86-64 arm64 aarch64 arm armhf armel i386 386 ARM64'.split(' ')),
  word('abcXYZ019_.-', 8),
);
const variant = fc.oneof(
  fc.constantFrom(...'v1 v2 v5 v6 v7 v8 V8 5 6 7 8 9 9.0 v8.0 v8.1 v9 v9.0 v9.2'.split(' ')),
  word('v0123456789.', 4),
);
const printable = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter((text) => !/[\u0000-\u001f\u007f-\u009f]/.test(text));

/** A platform with any of its fields, as an image config may state it. */
export const platform: fc.Arbitrary<Platform> = fc.record(
  {
    os,
    architecture,
    variant,
    'os.version': printable,
    'os.features': fc.array(printable, { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: ['os', 'architecture'], noNullPrototype: true },
);

/** A platform as text: `os/arch[/variant]`. */
export const platformText: fc.Arbitrary<string> = fc
  .tuple(os, architecture, fc.option(variant))
  .map(([first, second, third]) => [first, second, ...(third === null ? [] : [third])].join('/'));

/** Annotations whose keys no reader can confuse. */
export const annotations: fc.Arbitrary<Record<string, string>> = fc
  .uniqueArray(fc.tuple(printable, fc.string({ unit: 'grapheme' })), {
    maxLength: 4,
    selector: ([key]) => key.toUpperCase().toLowerCase(),
  })
  .map((pairs) => Object.fromEntries(pairs));

/** An index entry with a platform and nothing but what a Docker manifest list holds. */
export const plainEntry: fc.Arbitrary<Descriptor> = fc
  .record({ mediaType: fc.constantFrom(...manifestTypes), digest, size: fc.maxSafeNat(), platform })
  .map((fields) => parseDescriptor(fields));

/** An index entry with any fields, unknown ones among them. */
export const entry: fc.Arbitrary<Descriptor> = fc
  .record(
    {
      mediaType: fc.constantFrom(...manifestTypes, 'application/vnd.x+json'),
      digest,
      size: fc.maxSafeNat(),
      platform,
      annotations: annotations.filter((map) => Object.keys(map).length > 0),
      urls: fc.array(printable, { minLength: 1, maxLength: 2 }),
      data: fc.base64String({ minLength: 4 }),
      artifactType: printable,
      'x-unknown': fc.oneof(printable, fc.integer(), fc.constant(null), fc.array(fc.boolean())),
    },
    { requiredKeys: ['mediaType', 'digest', 'size'], noNullPrototype: true },
  )
  .map((fields) => parseDescriptor(fields));
