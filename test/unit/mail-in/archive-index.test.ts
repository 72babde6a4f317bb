import { describe, expect, it } from 'vitest';
import { aliasIndex, importerIndex, messageIndex, outbox } from '../../../src/archive/records.js';
import { archiveIndex } from '../../../src/mail/correlation-index.js';
import { MemoryArchive } from '../../servers/memory-archive.js';
import { fromCbp } from './corpus.js';
import { judged, REPLY_ALIAS } from './judged.js';

const importerKeys = { keyOf: (number: string) => `KEY${number.replace(/\W/g, '')}` };
const APPROVED = 'Your ACE Portal account application has been approved.';

async function archived() {
  const archive = new MemoryArchive();
  const file = async (workflowId: string, reference: string, company: string, numbers: string[]) => {
    for (const number of numbers)
      await archive.createRecord(importerIndex.key(importerKeys.keyOf(number), workflowId), {
        workflowId,
        reference,
        company,
      });
  };
  await file('onboarding-acme-1', 'ACME-1', 'Acme Imports LLC', ['12-345678900', '12-3456789A1']);
  await file('onboarding-acme-1.2', 'ACME-1', 'Acme Imports LLC', ['12-345678900']);
  await file('onboarding-zeta-3', 'ZETA-3', 'Zeta Trading Inc.', ['47-112233400']);
  await archive.createRecord(aliasIndex.key('aaaaaaaaaaaaaaaa'), {
    workflowId: 'onboarding-zeta-3',
    reference: 'ZETA-3',
    alias: 'cbp',
  });
  const names = {
    workflowId: 'onboarding-acme-1.2',
    reference: 'ACME-1',
    messageId: 'ours@broker.example',
    purpose: 'application/1/1',
  };
  for (const id of ['ours@broker.example', 'theirs@email.example'])
    await archive.createRecord(messageIndex.key(id), names);
  const own = await archive.putDocument(
    Buffer.from(
      'From: ace@broker.example\r\nSubject: x\r\n\r\nThe power of attorney of Acme Imports has been approved by both officers.\r\n',
    ),
  );
  await archive.createRecord(outbox.key('ours@broker.example'), {
    messageId: 'ours@broker.example',
    workflowId: 'onboarding-acme-1.2',
    purpose: 'application/1/1',
    documentSha256: own.sha256,
    envelope: { from: 'ace@broker.example', to: ['ACE.Applications@cbp.dhs.gov'] },
    recipient: 'ACE.Applications@cbp.dhs.gov',
    composedAt: '2026-03-02T14:00:00.000Z',
  });
  return archiveIndex(archive, importerKeys, REPLY_ALIAS);
}

describe('the index that the archive holds', () => {
  it('finds an onboarding by its alias, whatever the case of its letters', async () => {
    const index = await archived();
    const judgement = await judged(await fromCbp({ to: 'ACE+AAAAAAAAAAAAAAAA@Broker.example', body: APPROVED }), {
      index,
    });
    expect(judgement).toMatchObject({ action: 'signal', workflowId: 'onboarding-zeta-3', mail: { alias: 'cbp' } });
  });

  it('finds it by the Message-ID the mail server gave, and says ours', async () => {
    const index = await archived();
    const judgement = await judged(await fromCbp({ inReplyTo: '<theirs@email.example>', body: APPROVED }), { index });
    expect(judgement).toMatchObject({
      workflowId: 'onboarding-acme-1.2',
      mail: { aboutMessageId: 'ours@broker.example' },
    });
  });

  it('finds the latest round by an importer number', async () => {
    const index = await archived();
    const judgement = await judged(await fromCbp({ body: 'The application for 12-345678900 has been approved.' }), {
      index,
    });
    expect(judgement).toMatchObject({ action: 'signal', workflowId: 'onboarding-acme-1.2' });
  });

  it('offers the onboarding of the usual suffix for another suffix, and no match', async () => {
    const index = await archived();
    const judgement = await judged(await fromCbp({ body: 'The application for 47-1122334B2 has been approved.' }), {
      index,
    });
    expect(judgement).toMatchObject({ action: 'review', candidates: [{ reference: 'ZETA-3' }] });
    expect(judgement.workflowId).toBeUndefined();
  });

  it('knows our own words again, from the mail that is answered', async () => {
    const index = await archived();
    const body = 'Noted, thank you.\n\nThe power of attorney of Acme Imports has been approved by both officers.';
    const judgement = await judged(await fromCbp({ inReplyTo: '<ours@broker.example>', body }), { index });
    expect(judgement.mail.kind).toBe('unclear');
  });

  it('says when an address has the form of an alias and is none', async () => {
    const index = await archived();
    const judgement = await judged(await fromCbp({ to: 'ace+zzzzzzzzzzzzzzzz@broker.example', body: APPROVED }), {
      index,
    });
    expect(judgement.reasons.join()).toMatch(/looks like a reply alias/);
  });
});
