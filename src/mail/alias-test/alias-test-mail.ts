import { randomBytes } from 'node:crypto';
import { headerValue, readHeaderBlock } from '../incoming/header-lines.js';
import { strictSender } from '../incoming/sender.js';
import { buildMessage } from '../outgoing/compose/compose.js';
import { aliasAddress, newAliases } from '../outgoing/reply-alias.js';

/**
 * The email that tests whether mail for reply addresses arrives in the watched mailbox. It goes to an alias that belongs to
 * no onboarding and contains no data about anyone. We recognize it by its own secret, which only the archive has.
 */
export interface AliasTestMail {
  /** 32 random hexadecimal characters. */
  nonce: string;
  address: string;
  bytes: Buffer;
}

/** @param from name and bare address that our mail comes from */
export async function composeAliasTest(
  pattern: string,
  from: { name: string; address: string },
  now: Date,
): Promise<AliasTestMail> {
  const nonce = randomBytes(16).toString('hex');
  const address = aliasAddress(pattern, newAliases().cbp);
  const bytes = await buildMessage({
    messageId: `${ID_PREFIX}${nonce}@${from.address.slice(from.address.lastIndexOf('@') + 1)}`,
    name: nonce,
    date: now,
    from,
    to: { address },
    subject: 'Test of reply addresses',
    text: 'This email tests whether reply addresses reach the watched mailbox. It is removed automatically. You do not need to do anything.\n',
    silencesAutoReplies: true,
  });
  return { nonce, address, bytes };
}

const ID_PREFIX = 'alias-test.';
/** The headers of a returned message come after the report, and both are short. */
const LOOKED_THROUGH_BYTES = 256_000;

/** How a message claims to relate to a test email. Only the archive knows whether there was such a test. */
export type AliasTestTrace =
  /** It claims to be the test email itself, from us. */
  | { nonce: string; is: 'itself' }
  /** It returns the test email. `delayed`: the email is still on its way. */
  | { nonce: string; is: 'returned' | 'delayed'; reason: string };

/** Undefined for nearly every message. Pure. */
export function aliasTestTrace(raw: Uint8Array, ownAddress: string): AliasTestTrace | undefined {
  const { lines } = readHeaderBlock(raw);
  const named = /^[0-9a-f]{32}$/.exec(headerValue(lines, 'x-onboarding-message')?.trim() ?? '')?.[0];
  const nonce = named ?? idOf(headerValue(lines, 'message-id') ?? '');
  const sender = strictSender(lines);
  if (nonce && 'address' in sender && sender.address === ownAddress.toLowerCase()) return { nonce, is: 'itself' };

  const type = headerValue(lines, 'content-type')?.toLowerCase() ?? '';
  const fromServer = /^(?:mailer-daemon|postmaster)@/.test('address' in sender ? sender.address : '');
  if (!fromServer && !/multipart\/report\b.*delivery-status/s.test(type)) return undefined;
  const text = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, LOOKED_THROUGH_BYTES)).toString(
    'latin1',
  );
  const inside = idOf(text);
  if (!inside) return undefined;
  const action = /^action:[ \t]*([a-z]+)/im.exec(text)?.[1]?.toLowerCase() ?? 'failed';
  const reason = /^diagnostic-code:[ \t]*(?:smtp;)?[ \t]*([^\r\n]{1,200})/im.exec(text)?.[1] ?? 'it was returned';
  return { nonce: inside, is: action === 'failed' ? 'returned' : 'delayed', reason };
}

function idOf(text: string): string | undefined {
  return /\balias-test\.([0-9a-f]{32})@/.exec(text)?.[1];
}
