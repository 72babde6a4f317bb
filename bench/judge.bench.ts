import { expect, onTestFinished, test } from 'vitest';
import { mailIdentity } from '../src/mail/incoming/mail-identity.js';
import { type ParsedMessage, parseMessage } from '../src/mail/incoming/parse-message.js';
import { memoryIndex } from '../src/mail/judging/correlation/correlation-index.js';
import { createMailJudge } from '../src/mail/judging/judge.js';
import { readKind } from '../src/mail/judging/kind/kind.js';
import { authenticate } from '../src/mail/judging/origin/authenticate.js';
import { recordsResolver } from '../src/mail/judging/origin/dns.js';
import { paragraphsOf } from '../src/mail/judging/text/paragraphs.js';
import { dnsRecords, fromCbp, SENT } from '../test/unit/mail/judging/corpus.js';
import { REPLY_ALIAS } from '../test/unit/mail/judging/judged.js';
import { SAMPLES } from '../test/unit/mail/judging/wording-samples.js';

/**
 * Emails judged per second, and what each part of judging costs. Each email is signed, answers one of ours and quotes it.
 * BENCH_MESSAGES: how many (default 2,000).
 */
const MESSAGES = Number(process.env.BENCH_MESSAGES ?? 2_000);
const trust = { fromDomains: ['cbp.dhs.gov'], dkimDomains: ['cbp.dhs.gov'] };
const QUOTED = `\n\nOn Mon, Mar 2, 2026 at 9:00 AM Broker <ace@broker.example> wrote:\n${'> Please find attached the application of Acme Imports LLC.\n'.repeat(20)}`;

test('messages judged per second', async () => {
  const messages = await Promise.all(
    SAMPLES.map(({ text, headers }) =>
      fromCbp({
        to: 'ace+aaaaaaaaaaaaaaaa@broker.example',
        subject: 'RE: ACE Portal Account Application - Acme Imports LLC - IOR 12-345678900',
        inReplyTo: '<app-acme@broker.example>',
        headers: headers ?? [],
        body: text + QUOTED,
      }),
    ),
  );
  const message = (at: number) => messages[at % messages.length] ?? Buffer.alloc(0);
  const resolver = recordsResolver(dnsRecords());
  const parsed = await Promise.all(messages.map((raw) => parseMessage(raw)));
  const context = { cbpDomains: trust.fromDomains, alias: 'cbp', concernsUs: true } as const;
  const written = ({ text }: ParsedMessage) => paragraphsOf(text, { importerNumbers: [] }).written.join('\n\n');

  const rows: Record<string, number> = {};
  const measure = async (what: string, one: (at: number) => unknown) => {
    for (let at = 0; at < 50; at++) await one(at);
    const begin = performance.now();
    for (let at = 0; at < MESSAGES; at++) await one(at);
    rows[what] = Math.round((MESSAGES / (performance.now() - begin)) * 1_000);
  };
  await measure('identity alone', (at) => mailIdentity(message(at)));
  await measure('parsing alone', (at) => parseMessage(message(at)));
  await measure('DKIM and DMARC alone', (at) => {
    const { headers, oddities } = parsed[at % parsed.length] ?? { headers: [], oddities: [] };
    return authenticate(message(at), headers, oddities, trust, resolver, parsed[at % parsed.length]);
  });
  await measure('structure and words alone', (at) => {
    const found = parsed[at % parsed.length];
    return found && readKind(found, { ...context, text: written(found) });
  });

  for (const threads of [1, 2]) {
    const judge = createMailJudge({ trust, resolver, index: memoryIndex(SENT, REPLY_ALIAS), threads });
    onTestFinished(() => judge.close());
    const judged = (at: number) => judge.judge(message(at), '2026-03-03T20:00:05.000Z', 'main');
    await Promise.all(Array.from({ length: 100 }, (_, at) => judged(at)));
    const begin = performance.now();
    const all = await Promise.all(Array.from({ length: MESSAGES }, (_, at) => judged(at)));
    rows[`everything, ${threads} ${threads === 1 ? 'thread' : 'threads'}`] = Math.round(
      (MESSAGES / (performance.now() - begin)) * 1_000,
    );
    expect(all.every(({ mail }) => mail.authenticity.verdict === 'authentic')).toBe(true);
  }
  const parts = ['parsing alone', 'DKIM and DMARC alone', 'structure and words alone'].map((name) => rows[name] ?? 0);
  const together = 1 / parts.reduce((seconds, rate) => seconds + 1 / rate, 0);
  process.stdout.write(`\nMessages per second (${MESSAGES} messages):\n`);
  for (const [what, rate] of Object.entries(rows))
    process.stdout.write(
      `  ${what.padEnd(28)} ${rate}${what.startsWith('everything') ? `, ${(rate / together).toFixed(2)} of parsing, DKIM and structure together` : ''}\n`,
    );
});
