import { randomBytes } from 'node:crypto';
import { headerValue, readHeaderBlock } from '../incoming/header-lines.js';
import { strictSender } from '../incoming/sender.js';
import { buildMessage } from '../outgoing/compose/compose.js';
import { aliasAddress, newAliases } from '../outgoing/reply-alias.js';

/**
 * The mail by which we find out whether reply addresses lead into the watched mailbox. It goes to an alias that belongs to
 * no onboarding, says nothing of anybody, and is known again by a secret of its own that only the archive has.
 */
export interface AliasTestMail {
  /** 32 hexadecimal characters, not to be guessed. */
  nonce: string;
  address: string;
  bytes: Buffer;
}

/** @param from bare address and name that our mail comes from */
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
/** Headers of a returned message come after a report, both of them short. */
const LOOKED_THROUGH_BYTES = 256_000;

/** What a message has to do with a test mail, by what it says; whether there ever was such a test the archive knows. */
export type AliasTestTrace =
  /** It says that it is the mail itself, and to be from us. */
  | { nonce: string; is: 'itself' }
  /** It brings the mail back. `delayed`: it is still on its way. */
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
