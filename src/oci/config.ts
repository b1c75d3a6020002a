import { platformAt } from './descriptor.ts';
import { FormatError, quote } from './format-error.ts';
import { type JsonObject, objectAt, parseJsonDocument } from './json-document.ts';
import type { Platform } from './platform.ts';

const platformFields: readonly string[] = ['architecture', 'os', 'os.version', 'os.features', 'variant'];

/** The labels of an image that say what it was built from; absent when the image has no such text. */
export interface ImageLabels {
  readonly revision?: string;
  readonly version?: string;
}

/** The statements of an image config. */
export interface ImageConfig {
  /** In its own spelling; undefined without an os or an architecture, as in the configs of artifacts. */
  readonly platform: Platform | undefined;
  /** `org.opencontainers.image.revision` and `.version` (OCI image-spec 1.1, annotations.md). */
  readonly labels: ImageLabels;
}

/**
 * Parses an image config (OCI image-spec 1.1, config.md). Throws FormatError when the bytes are not an unambiguous JSON
 * object, or a platform field has the wrong type.
 */
export function parseConfig(bytes: Uint8Array): ImageConfig {
  // Other keys, such as labels, may differ in case only: their readers compare exactly.
  const config = objectAt(parseJsonDocument(bytes, 'allow'), 'the image config');
  return { platform: platformOf(config), labels: labelsOf(config) };
}

/** The platform that an image config states, as {@link parseConfig} reads it. */
export function parseConfigPlatform(bytes: Uint8Array): Platform | undefined {
  return parseConfig(bytes).platform;
}

// Labels decide nothing about an image, so a config with strange ones is still a config.
function labelsOf({ config }: JsonObject): ImageLabels {
  const labels = fieldsOf(fieldsOf(config)['Labels']);
  const found = (['revision', 'version'] as const).flatMap((name) => {
    const value = labels[`org.opencontainers.image.${name}`];
    return typeof value === 'string' && value.trim() !== '' ? [[name, value.trim()]] : [];
  });
  return Object.fromEntries(found);
}

function fieldsOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null ? (value as JsonObject) : {};
}

function platformOf(config: JsonObject): Platform | undefined {
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
  const message = `the image config has the field ${quote(variant)}, which some readers read as ${quote(variant.toLowerCase())}`;
  throw new FormatError(message, 'field names in lower case');
}
