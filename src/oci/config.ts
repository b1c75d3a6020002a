import { platformAt } from './descriptor.ts';
import { FormatError, quote } from './format-error.ts';
import { parseJsonDocument } from './json-document.ts';
import { type JsonObject, objectAt } from './json-field.ts';
import type { Platform } from './platform.ts';

const platformFields: readonly string[] = ['architecture', 'os', 'os.version', 'os.features', 'variant'];

/**
 * The platform an image configuration states, in its own spelling (OCI image-spec 1.1, config.md), or undefined
 * when it has no os or no architecture, as configurations of artifacts have.
 *
 * @throws FormatError when the bytes are not an unambiguous JSON object, or a platform field has the wrong type.
 */
export function parseConfigPlatform(bytes: Uint8Array): Platform | undefined {
  // Other keys, such as labels, may differ in case only: their readers compare exactly.
  const config = objectAt(parseJsonDocument(bytes, 'allow'), 'the image config');
  refuseCaseVariants(config);
  const { architecture, os } = config;
  if (!architecture || !os) return undefined;
  const fields = platformFields.filter((field) => Object.hasOwn(config, field));
  return platformAt(Object.fromEntries(fields.map((field) => [field, config[field]])), 'the image config');
}

function refuseCaseVariants(config: JsonObject): void {
  const variant = Object.keys(config).find((key) => {
    return !platformFields.includes(key) && platformFields.includes(key.toLowerCase());
  });
  if (variant === undefined) return;
  throw new FormatError(
    `the image config has the field ${quote(variant)}, which some readers read as ${quote(variant.toLowerCase())}`,
    'field names in lower case',
  );
}
