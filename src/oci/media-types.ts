/** Index of images, {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md OCI image-spec 1.1}. */
export const ociIndex = 'application/vnd.oci.image.index.v1+json';
/** Image of one platform, OCI image-spec 1.1 "Image Manifest". */
export const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
/** Image configuration, OCI image-spec 1.1 "Image Configuration". */
export const ociConfig = 'application/vnd.oci.image.config.v1+json';
/** Manifest list, Docker image manifest version 2 schema 2. */
export const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json';
/** Image manifest, Docker image manifest version 2 schema 2. */
export const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json';
/** Image configuration of a Docker schema 2 manifest. */
export const dockerConfig = 'application/vnd.docker.container.image.v1+json';

/** Configuration of a WebAssembly image, which states a platform as other images do (CNCF, "Wasm OCI Artifact layout"). */
const wasmConfig = 'application/vnd.wasm.config.v0+json';

/** The media types of manifests that are read and written. */
export const manifestTypes: readonly string[] = [ociIndex, dockerList, ociManifest, dockerManifest];

/** The value of an Accept header for any of the four manifest types. */
export const manifestAccept: string = manifestTypes.join(', ');

const maxEssenceLength = 255;
const tokens = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}\/[!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}$/;

/**
 * The lower-case `type/subtype` of a Content-Type value without its parameters, or `''` when there is none.
 * (RFC 9110 section 8.3.1; RFC 6838 limits each name to 127 characters.)
 */
export function essence(contentType: string): string {
  const end = contentType.indexOf(';');
  const type = (end < 0 ? contentType : contentType.slice(0, end)).trim();
  if (type.length > maxEssenceLength) return '';
  return tokens.test(type) ? type.toLowerCase() : '';
}

/** Whether the type is an OCI image index or a Docker manifest list. */
export function isIndexType(type: string): boolean {
  return type === ociIndex || type === dockerList;
}

/** Whether the type is an OCI or Docker image manifest. */
export function isImageType(type: string): boolean {
  return type === ociManifest || type === dockerManifest;
}

/** Whether the type is one of Docker's own (`application/vnd.docker.…`). */
export function isDockerType(type: string): boolean {
  return type.startsWith('application/vnd.docker.');
}

/** Whether the type is an image configuration, which states the platform. */
export function isConfigType(type: string): boolean {
  return type === ociConfig || type === dockerConfig || type === wasmConfig;
}

/** Whether a layer of this type is a part of the file system of an image. */
export function isFilesystemLayer(type: string): boolean {
  return /^application\/vnd\.(?:docker\.image\.rootfs|oci\.image\.layer)\./.test(type);
}

/** Whether a layer of this type is stored outside the registry and must not be copied. */
export function isForeignLayer(type: string): boolean {
  return (
    type.startsWith('application/vnd.docker.image.rootfs.foreign.') ||
    type.startsWith('application/vnd.oci.image.layer.nondistributable.')
  );
}
