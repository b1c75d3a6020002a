/**
 * Certificates for tests, made in process (RFC 5280), so that no test needs openssl and none expires.
 * Keys are P-256, signatures ecdsa-with-SHA256.
 */
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { isIPv4 } from 'node:net';
import {
  bitString,
  booleanTrue,
  encode,
  explicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  utcTime,
  utf8String,
} from './der.ts';

const signatureAlgorithm = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const hour = 3_600_000;

export interface Certificate {
  readonly pem: string;
  readonly der: Buffer;
  readonly key: KeyObject;
  /** PKCS #8. */
  readonly keyPem: string;
}

/** A self-signed root that issues certificates. */
export interface Authority extends Certificate {
  /** A server certificate for host names and IPv4 addresses. */
  issue(hosts: readonly string[], options?: IssueOptions): Certificate;
}

export interface IssueOptions {
  /** Its use; default `server`. */
  readonly purpose?: 'server' | 'client';
  /** When it ends; default in a day. */
  readonly notAfter?: Date;
}

/** A certificate authority valid from an hour ago for a day. */
export function createAuthority(commonName = 'test authority'): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = distinguishedName(commonName);
  const self = { issuer: name, issuerKey: keys.privateKey };
  const root = certify({ ...self, subject: name, ...keys, extensions: authorityExtensions() });
  return { ...root, issue: (hosts, options = {}) => issue(self, hosts, options) };
}

interface Issuer {
  readonly issuer: Buffer;
  readonly issuerKey: KeyObject;
}

interface Request extends Issuer {
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly notAfter?: Date | undefined;
}

function issue(issuer: Issuer, hosts: readonly string[], options: IssueOptions): Certificate {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = distinguishedName(hosts[0] ?? 'localhost');
  const { purpose = 'server', notAfter } = options;
  return certify({ ...issuer, subject, ...keys, notAfter, extensions: leafExtensions(hosts, purpose) });
}

function certify(request: Request): Certificate {
  const body = toBeSigned(request);
  const signature = sign('sha256', body, request.issuerKey);
  const der = sequence(body, signatureAlgorithm, bitString(signature));
  const keyPem = request.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { pem: toPem(der), der, key: request.privateKey, keyPem };
}

function toBeSigned(request: Request): Buffer {
  const now = Date.now();
  const { notAfter = new Date(now + 24 * hour) } = request;
  return sequence(
    explicit(0, integer(2)),
    integer(0x40, ...randomBytes(8)),
    signatureAlgorithm,
    request.issuer,
    sequence(utcTime(new Date(Math.min(now, notAfter.getTime()) - hour)), utcTime(notAfter)),
    request.subject,
    request.publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...request.extensions, ...keyIdentifiers(request))),
  );
}

function distinguishedName(commonName: string): Buffer {
  return sequence(set(sequence(objectIdentifier('2.5.4.3'), utf8String(commonName))));
}

function authorityExtensions(): Buffer[] {
  const keyCertSignAndDigitalSignature = bitString(Buffer.of(0b1000_0100), 2);
  return [
    criticalExtension('2.5.29.19', sequence(booleanTrue())),
    criticalExtension('2.5.29.15', keyCertSignAndDigitalSignature),
  ];
}

/** Extended key usage (RFC 5280 §4.2.1.12) and names. */
function leafExtensions(hosts: readonly string[], purpose: 'server' | 'client'): Buffer[] {
  const usage = purpose === 'server' ? '1.3.6.1.5.5.7.3.1' : '1.3.6.1.5.5.7.3.2';
  return [
    extension('2.5.29.37', sequence(objectIdentifier(usage))),
    extension('2.5.29.17', sequence(...hosts.map(alternativeName))),
  ];
}

function criticalExtension(identifier: string, value: Buffer): Buffer {
  return sequence(objectIdentifier(identifier), booleanTrue(), octetString(value));
}

function extension(identifier: string, value: Buffer): Buffer {
  return sequence(objectIdentifier(identifier), octetString(value));
}

/** Subject and authority key identifiers, which strict verifiers ask for (RFC 5280 §4.2.1.1). */
function keyIdentifiers(request: Request): Buffer[] {
  const authority = keyIdentifier(createPublicKey(request.issuerKey));
  return [
    extension('2.5.29.14', octetString(keyIdentifier(request.publicKey))),
    extension('2.5.29.35', sequence(encode(0x80, authority))),
  ];
}

function keyIdentifier(key: KeyObject): Buffer {
  const spki = key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest().subarray(0, 20);
}

/** A GeneralName: `[2]` a DNS name, `[7]` an address. */
function alternativeName(host: string): Buffer {
  if (isIPv4(host)) return encode(0x87, Uint8Array.from(host.split('.').map(Number)));
  return encode(0x82, Buffer.from(host, 'ascii'));
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
