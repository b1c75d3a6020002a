import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseChallenges } from '../../../src/auth/challenge.ts';

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

const table: readonly { name: string; in: readonly string[]; out: readonly Plain[] }[] = [
  { name: 'no header', in: [], out: [] },
  { name: 'an empty header', in: [''], out: [] },
  { name: 'commas and white space only', in: [' ,, \t, '], out: [] },
  { name: 'a scheme alone', in: ['Negotiate'], out: [['negotiate', {}]] },
  {
    name: 'a bearer challenge as Docker Hub writes it',
    in: [`Bearer realm="${hub.realm}",service="${hub.service}",scope="${hub.scope}"`],
    out: [['bearer', hub]],
  },
  {
    name: 'upper-case scheme and names',
    in: ['BEARER REALM="https://A.example/T",Service=x'],
    out: [['bearer', { realm: 'https://A.example/T', service: 'x' }]],
  },
  {
    name: 'white space wherever it is allowed',
    in: ['  Bearer \t realm \t=  "r" \t,\t service = s ,, '],
    out: [['bearer', { realm: 'r', service: 's' }]],
  },
  {
    name: 'several challenges in one header',
    in: ['Basic realm="x, y=\\"z\\"", Bearer realm="b",service=s, Negotiate, NTLM abc=='],
    out: [
      ['basic', { realm: 'x, y="z"' }],
      ['bearer', { realm: 'b', service: 's' }],
      ['negotiate', {}],
      ['ntlm', 'abc=='],
    ],
  },
  {
    name: 'several headers',
    in: ['Bearer realm="b"', 'Basic realm="x"'],
    out: [
      ['bearer', { realm: 'b' }],
      ['basic', { realm: 'x' }],
    ],
  },
  {
    name: 'the example of RFC 9110, section 11.6.1',
    in: ['Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""'],
    out: [
      ['basic', { realm: 'simple' }],
      ['newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }],
    ],
  },
  {
    name: 'a token68 that ends the header',
    in: ['Negotiate a.b-c_d~e+f/1='],
    out: [['negotiate', 'a.b-c_d~e+f/1=']],
  },
  {
    name: 'a token68 before another challenge',
    in: ['Negotiate YQ== , Basic realm=x'],
    out: [
      ['negotiate', 'YQ=='],
      ['basic', { realm: 'x' }],
    ],
  },
  {
    name: 'nothing continues a token68',
    in: ['Negotiate YQ==, realm="x"'],
    out: [['negotiate', 'YQ==']],
  },
  {
    name: 'an escaped backslash at the end',
    in: ['Basic realm="a\\\\"'],
    out: [['basic', { realm: 'a\\' }]],
  },
  { name: 'an empty quoted value', in: ['Basic realm=""'], out: [['basic', { realm: '' }]] },
  {
    name: 'letters beyond ASCII in a quoted value',
    in: ['Basic realm="Zürich"'],
    out: [['basic', { realm: 'Zürich' }]],
  },
  {
    name: 'a second value of one parameter does not replace the first',
    in: ['Bearer realm="a",REALM="b"'],
    out: [['bearer', { realm: 'a' }]],
  },
  {
    name: 'what follows an unterminated quote is dropped',
    in: ['Bearer realm="a",service="s, Basic realm=x', 'Basic realm=y'],
    out: [
      ['bearer', { realm: 'a' }],
      ['basic', { realm: 'y' }],
    ],
  },
  { name: 'a value with letters behind its quote', in: ['Bearer realm="a"b'], out: [['bearer', {}]] },
  { name: 'an unquoted URL is not a token', in: ['Bearer realm=https://a.example/'], out: [['bearer', {}]] },
  {
    name: 'a parameter without a value',
    in: ['Bearer service=s, realm='],
    out: [['bearer', { service: 's' }]],
  },
  { name: 'a parameter without a name', in: ['Bearer ="x"'], out: [['bearer', {}]] },
  { name: 'parameters without a scheme', in: ['realm="x", Basic realm=y'], out: [] },
  { name: 'a control character in a quoted value', in: ['Bearer realm="a\u0000b"'], out: [['bearer', {}]] },
  { name: 'a line end in a quoted value', in: ['Bearer realm="a\r\nb"'], out: [['bearer', {}]] },
  { name: 'an escaped line end', in: ['Bearer realm="a\\\nb"'], out: [['bearer', {}]] },
  { name: 'a misplaced separator', in: ['Bearer;realm="a"'], out: [] },
  {
    name: 'a scheme named like an object member',
    in: ['Basic __proto__=x'],
    out: [['basic', { ['__proto__']: 'x' }]],
  },
];

for (const row of table) {
  test(`challenges: ${row.name}`, () => assert.deepEqual(plain(row.in), row.out));
}
