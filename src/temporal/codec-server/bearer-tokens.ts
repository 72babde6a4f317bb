import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import type { OidcSettings } from '../../config/config.js';
import { isLoopback } from '../../config/loopback.js';

/** A token that proves nothing, with what is wrong; never with what is in it. */
export class InvalidToken extends Error {}

/** Signed with a key that only the issuer has: no shared secrets, and never `none`. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const CLOCKS_DIFFER_BY_SECONDS = 30;
const ISSUER_ANSWERS_MS = 5_000;

/**
 * Checks tokens: signature, issuer, audience, and that they have not expired. Keys are fetched when first needed and
 * again when a token names one that is not known.
 * @returns of the answering function: the user, by mail address if the token has one that is not said to be unverified,
 * since that may be anybody's, otherwise by `sub`. It rejects with InvalidToken, and with other errors when the issuer's
 * keys cannot be had.
 */
export function bearerTokens(oidc: OidcSettings): (token: string | undefined) => Promise<string> {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  const keysOnce = () => {
    keys ??= keysOf(oidc).catch((error) => {
      keys = undefined;
      throw error;
    });
    return keys;
  };
  return async (token) => {
    if (!token) throw new InvalidToken('Authorization: Bearer with a token of the single sign-on is needed.');
    const verified = await jwtVerify(token, await keysOnce(), {
      issuer: oidc.issuer,
      audience: oidc.audience,
      algorithms: ALGORITHMS,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCKS_DIFFER_BY_SECONDS,
    }).catch((error: unknown) => {
      if (isTheTokens(error)) throw new InvalidToken(`The token is not accepted: ${error.code}.`);
      throw error;
    });
    return userIn(verified.payload);
  };
}

/** Of the errors that jose has, those that are not about getting the keys. */
function isTheTokens(error: unknown): error is errors.JOSEError {
  const gettingKeys =
    error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || isBare(error, errors.JOSEError);
  return error instanceof errors.JOSEError && !gettingKeys;
}

/** jose says "no 200 from there" with its base class. */
function isBare(error: unknown, base: typeof errors.JOSEError): boolean {
  return error instanceof base && error.constructor === base;
}

function userIn({ email, email_verified: isVerified, sub }: JWTPayload): string {
  const hasEmail = typeof email === 'string' && email !== '' && String(isVerified) !== 'false';
  return String(hasEmail ? email : sub).slice(0, 200);
}

const discovered = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

async function keysOf({ issuer, jwksUrl }: OidcSettings): Promise<JWTVerifyGetKey> {
  return createRemoteJWKSet(new URL(jwksUrl ?? (await discover(issuer))), { timeoutDuration: ISSUER_ANSWERS_MS });
}

async function discover(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(ISSUER_ANSWERS_MS) });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  const found = discovered.parse(await answer.json());
  if (found.issuer !== issuer) throw new Error(`${url} is of another issuer, ${found.issuer}`);
  const { protocol, hostname } = new URL(found.jwks_uri);
  if (protocol === 'http:' && !isLoopback(hostname))
    throw new Error(`${url} names keys at http://${hostname}: whoever is on the way could sign tokens`);
  return found.jwks_uri;
}
