import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inwardPlace, isPublicAddress, reachOf } from '../../../src/run/reach.ts';

const ways = (ipv4: string, high: string, low: string) => [
  ...[
    ipv4,
    `::ffff:${ipv4}`,
    `::ffff:${high}:${low}`,
    `0:0:0:0:0:ffff:${high}:${low}`,
    `::ffff:0:${high}:${low}`,
  ],
  ...[`::${high}:${low}`, `64:ff9b::${high}:${low}`, `64:ff9b::${ipv4}`, `64:ff9b:1::${high}:${low}`],
  `2002:${high}:${low}::`,
];

/** The reach of an address in a URL, where inward a name with this address leads, and the addresses. */
const table = [
  ['loopback', 'a loopback', ways('127.0.0.1', '7f00', '1')],
  ['loopback', 'a loopback', ['::1', '0:0:0:0:0:0:0:1', '127.255.255.254']],
  ['special', 'a loopback', ways('0.0.0.0', '0', '0').concat('::', '0.1.2.3')],
  ['special', 'a link-local or metadata', ways('169.254.169.254', 'a9fe', 'a9fe')],
  ['special', 'a link-local or metadata', ways('100.100.100.200', '6464', '64c8')],
  ['special', 'a link-local or metadata', ways('168.63.129.16', 'a83f', '8110')],
  ['special', 'a link-local or metadata', ways('192.0.0.192', 'c000', 'c0')],
  ['special', 'a link-local or metadata', ['fe80::1', 'febf::1', 'fd00:ec2::254', 'fd00:ec2::23']],
  [
    'special',
    'a link-local or metadata',
    ['fd20:ce::254', 'fd20:00ce:0::0254', 'fd00:c1::a9fe:a9fe', 'fd00:42::42'],
  ],
  ['private', undefined, ways('10.1.2.3', 'a01', '203')],
  ['private', undefined, ways('192.168.0.9', 'c0a8', '9')],
  ['private', undefined, ['100.64.0.1', '172.31.0.1', 'fd12::1', 'fd20:ce::255', 'fd00:c1::1', 'fec0::1']],
  ['special', undefined, ['192.0.0.1', '198.18.0.7', '224.0.0.1', '255.255.255.255', 'ff02::1', '2001::1']],
  ['public', undefined, ways('203.0.113.9', 'cb00', '7109')],
  ['public', undefined, ['2001:db8::1', '2606:4700::1111', '172.32.0.1', '168.63.129.17', '192.0.1.192']],
] as const;

for (const [reach, place, addresses] of table)
  for (const address of addresses)
    test(`${address} is ${reach}, and leads to ${place ?? 'no inward'} address`, () => {
      const host = address.includes(':') ? `[${address}]` : address;
      assert.equal(reachOf(new URL(`https://${host}/`)), reach);
      assert.equal(inwardPlace(address), place);
      const isInside = place !== undefined || reach === 'private';
      assert.equal(isPublicAddress(address), !isInside);
    });

test('the interface in an address counts for nothing', () => {
  assert.equal(inwardPlace('fe80::1%eth0'), 'a link-local or metadata');
});

for (const [url, reach] of [
  ['http://2130706433/', 'loopback'],
  ['http://0x7f.1/', 'loopback'],
  ['http://0300.0.0.192/', 'special'],
  ['http://localhost./', 'loopback'],
  ['http://a.localhost/', 'loopback'],
  ['http://metadata.google.internal./', 'special'],
  ['http://127.0.0.1.example.com/', 'public'],
  ['http://1e100.net/', 'public'],
] as const)
  test(`${url} is ${reach}`, () => assert.equal(reachOf(new URL(url)), reach));
