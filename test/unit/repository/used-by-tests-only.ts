/** Exports of src that only tests import, each with the reason. A type here names what such a test is given. */
export const usedByTestsOnly: Readonly<Record<string, string>> = {
  'src/actions/outputs.ts compactJson': 'hostile documents, without a file',
  'src/actions/outputs.ts factsOf': 'outputs as a table, without a file',
  'src/actions/outputs.ts outputsOf': 'outputs as a table, without a file',
  'src/actions/publish.ts publishStages': 'the fault sweep starts behind the inputs',
  'src/actions/summary/summary.ts renderSummary': 'the summary as text, without a file',
  'src/auth/scope.ts parseScope': 'the property that parsing undoes formatting',
  'src/credentials/credential-helper.ts redactHelperWords': 'hostile words take linear time',
  'src/http/host-limiter.ts HostLimiter': 'one host alone',
  'src/http/tls.ts TlsFiles': 'a type of tables',
  'src/http/tls.ts findTlsFiles': 'files of a directory, without a connection',
  'src/oci/media-types.ts dockerConfig': 'tables name it',
  'src/oci/media-types.ts dockerManifest': 'tables name it',
  'src/oci/media-types.ts ociConfig': 'tables name it',
  'src/pipeline/assemble.ts AssemblyRules': 'a type of tables',
  'src/pipeline/copy/copy.ts combineCopies': 'failures of several targets, without copies',
  'src/pipeline/copy/copy.ts stopped': 'failures of several targets, without copies',
  'src/pipeline/selection.ts SelectionRules': 'a type of tables',
  'src/policy/amendment.ts AmendBase': 'a type of tables',
  'src/policy/amendment.ts Amendment': 'a type of tables',
  'src/registry/refusal.ts Operation': 'a type of tables',
  'src/run/poll.ts Look': 'a type of tables',
  'src/sources/layout/tar-entries.ts parsePaxRecords': 'hostile headers, without an archive',
  'src/spec-input/manifest-tool-form.ts manifestToolKeys': 'the schema is compared with the parser',
  'src/spec-input/manifest-tool-form.ts manifestToolPlatformKeys': 'the schema is compared with the parser',
};

/** Fields of types of src that src does not read, each with the reason why it is there. */
export const unreadOnPurpose: Readonly<Record<string, string>> = {
  'Challenge.token68': 'the grammar of a challenge has it, and no scheme that is supported',
  'RegistryFailure.url': 'the request that failed, for whoever looks at the error in a debugger',
};
