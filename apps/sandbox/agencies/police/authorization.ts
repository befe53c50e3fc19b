import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import { type Adapter, type AdapterPayload, Provider } from 'oidc-provider';

export const SCOPE = 'records.read';

export interface AuthorizationServer {
  readonly clientId: string;
  readonly clientSecret: string;
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Whether this is a living access token for reading records. */
  admits(token: string): Promise<boolean>;
}

/** The police's authorization server: client credentials only, one client, short tokens. */
export async function startAuthorization(issuer: string): Promise<AuthorizationServer> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const client = { clientId: 'postern', clientSecret: randomBytes(24).toString('base64url') };
  const provider = new Provider(issuer, {
    adapter: memory(),
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        token_endpoint_auth_method: 'client_secret_basic',
        scope: SCOPE,
      },
    ],
    scopes: [SCOPE],
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig' }] },
    cookies: { keys: [randomBytes(24).toString('base64url')] },
    ttl: { ClientCredentials: 600 },
  });
  const callback = provider.callback();
  return {
    ...client,
    handle: (request, response) => void callback(request, response),
    async admits(value) {
      const token = await provider.ClientCredentials.find(value);
      return token !== undefined && token.isValid && (token.scope ?? '').split(' ').includes(SCOPE);
    },
  };
}

/** Tokens live as long as the process. */
function memory(): (name: string) => Adapter {
  const kept = new Map<string, AdapterPayload>();
  return (name) => {
    const key = (id: string) => `${name}:${id}`;
    return {
      upsert: async (id, payload) => void kept.set(key(id), payload),
      find: async (id) => kept.get(key(id)),
      findByUid: async () => undefined,
      findByUserCode: async () => undefined,
      consume: async () => undefined,
      destroy: async (id) => void kept.delete(key(id)),
      revokeByGrantId: async () => undefined,
    };
  };
}
