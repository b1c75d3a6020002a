/** What refers to an image of an OCI layout goes along, in each form in which clients write it. */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import {
  describe,
  makeArtifact,
  makeArtifactAttestation,
  makeImage,
  makeIndex,
  type TestContent,
} from '../../support/images/images.ts';
import type { DescriptorDocument } from '../../support/images/manifest-document.ts';
import {
  type LayoutContent,
  layoutOf,
  packTar,
  refName,
  tarItems,
} from '../../support/rigs/layout-writer.ts';
import type { Files } from '../../support/run/run-directory.ts';
import { scenario } from '../../support/run/scenario.ts';
import { warningsOf } from '../evidence.ts';
import { assertHolds } from './copy-cases.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const list = makeIndex([amd64, arm64]);
const signature = makeArtifact({ artifactType: 'application/vnd.cncf.notary.signature', subject: list });
const bundle = makeArtifact({
  artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  subject: amd64,
});
const sbom = makeArtifact({ artifactType: 'application/spdx+json', subject: list });
const signedSbom = makeArtifact({ artifactType: 'application/vnd.cncf.notary.signature', subject: sbom });
const provenance = makeArtifactAttestation(arm64);
const referrers = [signature, bundle, sbom, signedSbom, provenance];

/** cosign gives what it attaches by tags the config of an image. */
const tagged = ['simplesigning', 'attestation'].map((type) =>
  makeImage('linux/amd64', { layerType: `application/vnd.dev.cosign.${type}.v1+json` }),
);
const [sig, att] = tagged as [TestContent, TestContent];

/** An artifact that has nothing to do with the image. */
const other = makeArtifact({ artifactType: 'application/vnd.example.other' });

const tagOf = ({ digest }: TestContent): string => digest.replace(':', '-');

function named(content: TestContent, name: string): DescriptorDocument {
  return { ...describe(content), annotations: { [refName]: name } };
}

function ofKind(content: TestContent, kind: string): DescriptorDocument {
  return { ...describe(content), annotations: { kind: `dev.cosignproject.cosign/${kind}` } };
}

const lists = new Map([list, amd64, sbom, arm64].map((subject) => [subject, listing(subject)]));

function listing(subject: TestContent): TestContent {
  const found = referrers.filter(({ document }) => document.subject?.digest === subject.digest);
  return makeIndex(found.map((content) => ({ content, platform: null })));
}

interface Form {
  readonly contents: readonly TestContent[];
  readonly entries: readonly DescriptorDocument[];
  readonly referrers: readonly TestContent[];
  /** Tags that the target gets, by the end of their names. */
  readonly tags?: Readonly<Record<string, TestContent>>;
}

const attached: Form['tags'] = { '.sig': sig, '.att': att };

const forms: Readonly<Record<string, Form>> = {
  'oras cp -r, which lists every manifest': {
    contents: [list, ...referrers],
    entries: [
      named(list, 'v1'),
      ...[signature, amd64, arm64, bundle, sbom, signedSbom, provenance].map(describe),
    ],
    referrers,
  },
  'regctl image copy --referrers --digest-tags, which names lists of referrers': {
    contents: [...lists.values(), ...referrers, list, ...tagged],
    entries: [
      named(list, 'v1'),
      ...[...lists].map(([subject, referring]) => named(referring, tagOf(subject))),
      named(sig, `${tagOf(list)}.sig`),
      named(att, `${tagOf(list)}.att`),
    ],
    referrers,
    tags: attached,
  },
  'cosign save, which annotates kinds': {
    contents: [list, ...tagged, other],
    entries: [describe(other), ofKind(list, 'imageIndex'), ofKind(sig, 'sigs'), ofKind(att, 'atts')],
    referrers: [],
    tags: attached,
  },
};

function directory(files: LayoutContent): Files {
  return Object.fromEntries([...files].map(([name, bytes]) => [`out/${name}`, bytes]));
}

for (const [name, form] of Object.entries(forms)) {
  scenario(`${name}: signatures and other referrers go along`, {}, async (t) => {
    const layout = await layoutOf(form.contents, form.entries);
    const archive = gzipSync(await packTar(tarItems(layout)));
    const workspace = { ...directory(layout), 'out.tar.gz': archive };
    for (const [tag, source] of Object.entries({ directory: 'oci:out', archive: 'oci-archive:out.tar.gz' })) {
      const run = await t.publish({ tags: t.ref(`${tag}:1`), sources: source }, { workspace });
      assert.equal(run.exitCode, 0, run.stdout);
      assert.deepEqual(warningsOf(run), []);
      assert.equal(run.outputs['digest'], list.digest);
      for (const content of [list, ...form.referrers]) assertHolds(t.registry, tag, content);
      const { 1: _, ...others } = t.registry.tags(tag);
      const expected = Object.entries(form.tags ?? {}).map(([end, { digest }]) => [
        `${tagOf(list)}${end}`,
        digest,
      ]);
      assert.deepEqual(others, Object.fromEntries(expected));
    }
  });
}

for (const [name, { contents, entries }] of Object.entries(forms))
  scenario(`${name}: the signature of a list that is published changed is void`, {}, async (t) => {
    const workspace = directory(await layoutOf(contents, entries));
    const inputs = { tags: t.ref('app:1'), sources: name.startsWith('cosign') ? 'oci:out' : 'oci:out:v1' };
    for (const [change, count] of [
      ['org.example.note=x', 1],
      ['', 0],
    ] as const) {
      const run = await t.publish({ ...inputs, annotations: change }, { workspace });
      assert.equal(run.exitCode, 0, run.stdout);
      const found = warningsOf(run).filter((text) => text.includes('its signature is not valid'));
      assert.equal(found.length, count, run.stdout);
    }
  });

const wanted: readonly (readonly [inputs: Record<string, string>, absent: readonly TestContent[]])[] = [
  [{ 'copy-referrers': 'false' }, referrers],
  [{ attestations: 'drop' }, [provenance]],
  [{ platforms: 'linux/amd64' }, [signature, sbom, signedSbom, provenance]],
];

for (const [inputs, absent] of wanted) {
  scenario(`${JSON.stringify(inputs)} leaves referrers of a layout`, {}, async (t) => {
    const { contents, entries } = forms['oras cp -r, which lists every manifest'] as Form;
    const workspace = directory(await layoutOf(contents, entries));
    const run = await t.publish({ tags: t.ref('app:1'), sources: 'oci:out:v1', ...inputs }, { workspace });
    assert.equal(run.exitCode, 0, run.stdout);
    for (const content of referrers) {
      const held = t.registry.manifest('app', content.digest) !== undefined;
      assert.equal(held, !absent.includes(content), content.document.artifactType);
    }
  });
}

scenario('a listed manifest that the layout lacks is named, and the rest goes along', {}, async (t) => {
  const entries = [named(list, 'v1'), describe(bundle), describe(signature)];
  const workspace = directory(await layoutOf([list, signature], entries));
  const run = await t.publish({ tags: t.ref('app:1'), sources: 'oci:out:v1' }, { workspace });
  assert.equal(run.exitCode, 0, run.stdout);
  assertHolds(t.registry, 'app', signature);
  const [warning = '', ...others] = warningsOf(run);
  assert.deepEqual(others, []);
  assert.match(warning, new RegExp(`${bundle.digest.slice(7)} is missing.* it was not copied`));
});

scenario('an image that is named as a signature is none', {}, async (t) => {
  const entries = [named(list, 'v1'), named(amd64, `${tagOf(list)}.sig`), named(list, `${tagOf(list)}.att`)];
  const workspace = directory(await layoutOf([list], entries));
  const run = await t.publish({ tags: t.ref('app:1'), sources: 'oci:out:v1' }, { workspace });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(Object.keys(t.registry.tags('app')), ['1']);
  const tags = ['sig', 'att'].map((kind) => `${tagOf(list)}.${kind} of the list`).join(', ');
  assert.deepEqual(warningsOf(run), [
    `Tags in oci:out were not copied, because they hold images or lists, not what cosign attaches: ${tags}`,
  ]);
});
