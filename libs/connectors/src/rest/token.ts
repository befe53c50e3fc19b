import { ClientSecretBasic, clientCredentialsGrant, Configuration, customFetch } from 'openid-client';
import type { RestAccess } from '../access.js';
import { ConnectorError } from '../error.js';
import { causes, type Https } from '../https.js';
import type { RestMapping } from '../mapping.js';

/** The access token of one source, fetched when first needed and again when it is about to expire. */
export interface Tokens {
  current(stop: AbortSignal): Promise<string>;
  /** The token was refused: the next question fetches another. */
  forget(): void;
}

/** A token is not used in its last seconds, so that it does not expire on the way. */
const LAST_SECONDS = 10;
/** How long a token lasts whose server does not say. */
const WHERE_NOT_SAID = 60;

export function tokens(mapping: RestMapping, access: RestAccess, https: Https): Tokens {
  const endpoint = URL.canParse(access.tokenEndpoint) ? new URL(access.tokenEndpoint) : undefined;
  if (endpoint?.protocol !== 'https:')
    throw new ConnectorError('ACCESS_INVALID', `${mapping.source}: the token endpoint begins with https://`);
  const configuration = new Configuration(
    { issuer: endpoint.origin, token_endpoint: endpoint.href },
    access.clientId,
    {},
    ClientSecretBasic(access.clientSecret),
  );
  configuration[customFetch] = (url, options) => https.fetch(url, options);
  configuration.timeout = mapping.limits.deadline / 1_000;

  let held: { readonly token: string; readonly until: number } | undefined;
  let fetching: Promise<string> | undefined;

  async function fetchToken(): Promise<string> {
    try {
      const { access_token, expires_in, token_type } = await clientCredentialsGrant(
        configuration,
        mapping.scope === undefined ? {} : { scope: mapping.scope },
      );
      if (token_type !== 'bearer')
        throw new ConnectorError('SOURCE_REFUSED', `${mapping.source} gave a token of another kind than bearer`, {
          wholeSource: true,
        });
      const seconds = (expires_in ?? WHERE_NOT_SAID) - LAST_SECONDS;
      if (seconds > 0) held = { token: access_token, until: performance.now() + seconds * 1_000 };
      return access_token;
    } catch (error) {
      throw inOurWords(error);
    }
  }

  /** The library's error holds the whole response; of that only what kind it was is kept. */
  function inOurWords(error: unknown): ConnectorError {
    const { status, cause } = error as { readonly status?: unknown; readonly cause?: { readonly status?: unknown } };
    const answered = status ?? cause?.status;
    if (typeof answered === 'number' && answered !== 200)
      return new ConnectorError('SOURCE_REFUSED', `${mapping.source} gave us no token (status ${answered})`, {
        wholeSource: true,
      });
    const transport = https.inOurWords(error);
    if (transport.code !== 'SOURCE_UNREACHABLE' || !causes(error).some((word) => word.startsWith('OAUTH_')))
      return transport;
    return new ConnectorError('SOURCE_GARBAGE', `${mapping.source} gave us something that is no token`, {
      wholeSource: true,
    });
  }

  return {
    async current(stop) {
      if (held !== undefined && performance.now() < held.until) return held.token;
      // One fetch serves all that wait; it outlives a question that stops waiting, for the next one.
      fetching ??= fetchToken().finally(() => (fetching = undefined));
      fetching.catch(() => undefined);
      const token = await fetching;
      if (stop.aborted) throw new ConnectorError('SOURCE_TIMEOUT', `${mapping.source} did not answer in time`);
      return token;
    },
    forget() {
      held = undefined;
    },
  };
}
