/**
 * What a registry may be shown to be let in.
 * `source` says where it came from, for messages: `registry-auth input`,
 * `/home/runner/.docker/config.json`, `docker-credential-ecr-login`, `GITHUB_TOKEN`; never a value.
 */
export type Credential =
  | {
      readonly kind: 'basic';
      readonly username: string;
      readonly password: string;
      readonly source: string;
    }
  | {
      /** A refresh token, to be exchanged by OAuth2 for a token of the registry. */
      readonly kind: 'identity-token';
      readonly token: string;
      readonly username?: string;
      readonly source: string;
    }
  | {
      /** Sent to the registry as it is. */
      readonly kind: 'registry-token';
      readonly token: string;
      readonly source: string;
    }
  | { readonly kind: 'anonymous'; readonly source: string };
