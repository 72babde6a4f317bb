import { expect, it } from 'vitest';
import { memoryIndex } from '../../../../src/mail/judging/correlation/correlation-index.js';
import { fromCbp, SENT } from './corpus.js';
import { judged, REPLY_ALIAS } from './judged.js';

const index = memoryIndex([{ ...SENT[0], reference: 'ACME-1', importerNumber: '123-45-6789' }], REPLY_ALIAS);

it.each(['123-45-6789', '123 45 6789', '123.45.6789', '123–45–6789', 'SSN: 123456789', '987-65-4321'])(
  'what a person sees of an email has no Social Security number: %s',
  async (number) => {
    const body = `We approved the account of IOR ${number}.`;
    const to = 'ace+aaaaaaaaaaaaaaaa@broker.example';
    const { mail, reasons, candidates } = await judged(await fromCbp({ to, subject: `IOR ${number}`, body }), {
      index,
    });
    const { subject, excerpt, evidence, unknown } = mail;
    const shown = JSON.stringify({ subject, excerpt, evidence, unknown, reasons, candidates });
    expect(shown.replace(/\D/g, '')).not.toMatch(/123456789|987654321/);
  },
);
