import { memoryIndex } from '../../../src/mail/correlation-index.js';
import { type DnsResolver, recordsResolver } from '../../../src/mail/dns.js';
import { type JudgeContext, judgeMessage } from '../../../src/mail/judge-message.js';
import type { Judgement } from '../../../src/mail/mail-judge.js';
import { readWording } from '../../../src/mail/wording.js';
import { dnsRecords, SENT, US } from './corpus.js';

const wording = readWording();
export const REPLY_ALIAS = 'ace+{token}@broker.example';

/** What the product makes of a message, with the onboardings of `SENT` under way. */
export function judged(raw: Uint8Array, further: Partial<JudgeContext> = {}): Promise<Judgement> {
  return judgeMessage(
    raw,
    { receivedAt: '2026-03-03T20:00:05.000Z', mailbox: 'main' },
    {
      trust: { fromDomains: ['cbp.dhs.gov'], dkimDomains: ['cbp.dhs.gov', 'dhs.gov'] },
      resolver: recordsResolver(dnsRecords()),
      index: memoryIndex(SENT, REPLY_ALIAS),
      wording,
      ownAddress: US,
      ...further,
    },
  );
}

/** A name server that does not answer. */
export const brokenDns: DnsResolver = async (name) => {
  throw Object.assign(new Error(`queryTxt ESERVFAIL ${name}`), { code: 'ESERVFAIL' });
};
