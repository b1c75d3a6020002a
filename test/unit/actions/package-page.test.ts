import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packagePage } from '../../../src/actions/summary/pages.ts';
import { parseReference } from '../../../src/oci/reference.ts';

const pages: Readonly<Record<string, string | undefined>> = {
  'ghcr.io/acme/app': 'https://ghcr.io/acme/app',
  'ghcr.io/acme/app/worker': 'https://ghcr.io/acme/app/worker',
  'ghcr.io/acme': undefined,
  'acme/app': 'https://hub.docker.com/r/acme/app',
  alpine: 'https://hub.docker.com/_/alpine',
  'quay.io/acme/app': 'https://quay.io/repository/acme/app',
  'registry.gitlab.com/acme/app': 'https://gitlab.com/acme/app/container_registry',
  'registry.gitlab.com/acme/app/worker': undefined,
  'quay.io:8443/acme/app': undefined,
  'localhost:5000/acme/app': undefined,
};

for (const [name, page] of Object.entries(pages))
  test(`page of ${name}`, () => assert.equal(packagePage(parseReference(name).repository), page));
