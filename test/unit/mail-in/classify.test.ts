import { describe, expect, it } from 'vitest';
import { type LetterKind, letter } from '../../../simulator/cbp-letters.js';
import { type ClassificationContext, classify } from '../../../src/mail/classify.js';
import { parseMessage } from '../../../src/mail/parse-message.js';
import { readWording } from '../../../src/mail/wording.js';
import { type MailParts, mail } from './corpus.js';
import { FURTHER, LETTERS, NEVER_APPROVALS, NEVER_OVERLOOKED, SAMPLES, SIGNATURE } from './wording-samples.js';

const wording = readWording();
const context: ClassificationContext = {
  wording,
  cbpDomains: ['cbp.dhs.gov'],
  ownAddress: 'ace@broker.example',
  alias: 'cbp',
  ownWords: [],
  concernsUs: true,
};

async function kindOf(parts: MailParts, further: Partial<ClassificationContext> = {}) {
  return classify(await parseMessage(mail(parts)), { ...context, ...further });
}

describe('what CBP writes is told by its newly written words', () => {
  it.each(SAMPLES)('$kind: $text', async ({ kind, text, subject, headers }) => {
    const said = await kindOf({
      body: text,
      subject: subject ?? 'RE: ACE Portal Account Application',
      headers: headers ?? [],
    });
    expect(said).toMatchObject({ kind });
    expect(said.confidence, JSON.stringify(said)).toBeGreaterThanOrEqual(0.7);
  });

  it.each(Object.entries(FURTHER).flatMap(([kind, texts]) => texts.map((text) => ({ kind, text }))))(
    '$kind: $text',
    async ({ kind, text }) => {
      const said = await kindOf({
        body: text,
        subject: 'RE: ACE Portal Account Application',
        headers: kind === 'out-of-office' ? ['Auto-Submitted: auto-replied'] : [],
      });
      expect(said.kind, JSON.stringify(said)).toBe(kind);
      expect(said.confidence).toBeGreaterThanOrEqual(0.7);
    },
  );

  it.each(LETTERS)('a whole letter, %s: %s', async (kind, text, subject, headers) => {
    const said = await kindOf({
      body: text + SIGNATURE,
      subject: subject ?? 'RE: ACE Portal Account Application',
      headers: headers ?? [],
    });
    expect(said.kind, JSON.stringify(said)).toBe(kind);
    if (kind !== 'unclear') expect(said.confidence).toBeGreaterThanOrEqual(0.7);
  });

  it.each(NEVER_APPROVALS)('is no approval: %s', async (text) => {
    const said = await kindOf({ body: text });
    expect(said.kind === 'approved' && said.confidence >= 0.7 ? said : {}).toEqual({});
  });

  it.each(NEVER_OVERLOOKED)('is shown to a person: %s', async (text) => {
    const said = await kindOf({ body: text });
    const quiet = ['acknowledgement', 'in-process', 'out-of-office', 'approved'].includes(said.kind);
    expect(quiet && said.confidence >= 0.7 ? said : {}).toEqual({});
  });

  it.each<[LetterKind, string]>([
    ['acknowledgement', 'acknowledgement'],
    ['in-process', 'in-process'],
    ['approval-welcome', 'approved'],
    ['approval-account', 'approved'],
    ['more-information', 'more-information'],
    ['not-on-file', 'not-on-file'],
    ['already-registered', 'already-registered'],
    ['use-web-form', 'use-web-form'],
    ['refusal', 'refused'],
    ['out-of-office', 'out-of-office'],
  ])("the simulated CBP's %s is %s", async (simulated, kind) => {
    const { subject, text, headers } = letter(simulated, {
      company: 'Acme Imports LLC',
      importerNumber: '12-345678900',
      subject: 'ACE Portal Account Application - Acme Imports LLC - IOR 12-345678900',
      at: new Date('2026-03-02T14:00:00Z'),
    });
    const said = await kindOf({
      subject,
      body: text,
      headers: Object.entries(headers).map((header) => header.join(': ')),
    });
    expect(said.kind, JSON.stringify(said)).toBe(kind);
    expect(said.confidence).toBeGreaterThanOrEqual(0.7);
  });
});
