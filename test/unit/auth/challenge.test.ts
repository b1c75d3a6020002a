import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseChallenges } from '../../../src/auth/challenge.ts';

/** A scheme with its parameters, or with its token68. */
type Plain = readonly [scheme: string, parameters: Record<string, string> | string];

function plain(headers: readonly string[]): readonly Plain[] {
  return parseChallenges(headers).map(({ scheme, parameters, token68 }) => [
    scheme,
    token68 ?? Object.fromEntries(parameters),
  ]);
}

const hub = {
  realm: 'https://auth.docker.io/token',
  service: 'registry.docker.io',
  scope: 'repository:library/alpine:pull,push',
};
const bearer = (parameters: Record<string, string>): readonly Plain[] => [['bearer', parameters]];
const basic = (parameters: Record<string, string>): readonly Plain[] => [['basic', parameters]];

const table: readonly (readonly [name: string, header: string | readonly string[], out: readonly Plain[]])[] =
  [
    ['no header', [], []],
    ['an empty header', '', []],
    ['commas and white space only', ' ,, \t, ', []],
    ['a scheme alone', 'Negotiate', [['negotiate', {}]]],
    [
      'a bearer challenge as Docker Hub writes it',
      `Bearer realm="${hub.realm}",service="${hub.service}",scope="${hub.scope}"`,
      bearer(hub),
    ],
    [
      'upper-case scheme and names',
      'BEARER REALM="https://A.example/T",Service=x',
      bearer({ realm: 'https://A.example/T', service: 'x' }),
    ],
    [
      'white space wherever it is allowed',
      '  Bearer \t realm \t=  "r" \t,\t service = s ,, ',
      bearer({ realm: 'r', service: 's' }),
    ],
    [
      'several challenges in one header',
      'Basic realm="x, y=\\"z\\"", Bearer realm="b",service=s, Negotiate, NTLM abc==',
      [
        ...basic({ realm: 'x, y="z"' }),
        ...bearer({ realm: 'b', service: 's' }),
        ['negotiate', {}],
        ['ntlm', 'abc=='],
      ],
    ],
    [
      'several headers',
      ['Bearer realm="b"', 'Basic realm="x"'],
      [...bearer({ realm: 'b' }), ...basic({ realm: 'x' })],
    ],
    [
      'the example of RFC 9110, section 11.6.1',
      'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""',
      [...basic({ realm: 'simple' }), ['newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }]],
    ],
    ['a token68 that ends the header', 'Negotiate a.b-c_d~e+f/1=', [['negotiate', 'a.b-c_d~e+f/1=']]],
    [
      'a token68 before another challenge',
      'Negotiate YQ== , Basic realm=x',
      [['negotiate', 'YQ=='], ...basic({ realm: 'x' })],
    ],
    ['a parameter behind a token68', 'Negotiate YQ==, realm="x"', [['negotiate', 'YQ==']]],
    ['an escaped backslash at the end', 'Basic realm="a\\\\"', basic({ realm: 'a\\' })],
    ['an empty quoted value', 'Basic realm=""', basic({ realm: '' })],
    ['letters beyond ASCII in a quoted value', 'Basic realm="Zürich"', basic({ realm: 'Zürich' })],
    ['a second value of one parameter', 'Bearer realm="a",REALM="b"', bearer({ realm: 'a' })],
    [
      'an unterminated quote in one of two headers',
      ['Bearer realm="a",service="s, Basic realm=x', 'Basic realm=y'],
      [...bearer({ realm: 'a' }), ...basic({ realm: 'y' })],
    ],
    ['a missing comma', 'Bearer realm="x" scope="y"', bearer({ realm: 'x', scope: 'y' })],
    [
      'a missing comma behind a comma',
      'Bearer realm="x",service="y" scope="z"',
      bearer({ realm: 'x', service: 'y', scope: 'z' }),
    ],
    [
      'a missing comma behind an unquoted value',
      'Bearer realm=x service=y',
      bearer({ realm: 'x', service: 'y' }),
    ],
    ['a value with letters behind its quote', 'Bearer realm="a"b, service="z"', bearer({})],
    ['an unquoted URL', 'Bearer realm=https://a.example/', bearer({})],
    ['a parameter without a value', 'Bearer service=s, realm=', bearer({ service: 's' })],
    ['a parameter without a name', 'Bearer ="x"', bearer({})],
    ['parameters without a scheme', 'realm="x", Basic realm=y', []],
    ['a control character in a quoted value', 'Bearer realm="a\u0000b"', bearer({})],
    ['a line end in a quoted value', 'Bearer realm="a\r\nb"', bearer({})],
    ['an escaped line end', 'Bearer realm="a\\\nb"', bearer({})],
    ['a misplaced separator', 'Bearer;realm="a"', []],
    ['a parameter named like an object member', 'Basic __proto__=x', basic({ ['__proto__']: 'x' })],
  ];

for (const [name, header, out] of table) {
  test(`challenges: ${name}`, () => assert.deepEqual(plain([header].flat()), out));
}
