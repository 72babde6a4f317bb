import { mailIdentity } from '../../incoming/mail-identity.js';
import { parseMessage } from '../../incoming/parse-message.js';
import { strictSender } from '../../incoming/sender.js';
import { authenticate, type TrustPolicy } from '../origin/authenticate.js';
import type { DnsResolver } from '../origin/dns.js';
import type { Material } from './learn-letter.js';

/** A message that lies outside of the archive as material for a letter, but for its case: verified now. */
export async function rawMaterial(
  raw: Uint8Array,
  trust: TrustPolicy,
  resolver: DnsResolver,
): Promise<Omit<Material, 'facts' | 'words'>> {
  const message = await parseMessage(raw);
  const { decision, believed } = await authenticate(raw, message.headers, message.oddities, trust, resolver, message);
  const sender = strictSender(message.headers);
  return {
    message,
    mailId: mailIdentity(raw, trust),
    authenticity: decision,
    domain: believed?.domain,
    address: 'address' in sender ? sender.address : '',
  };
}
