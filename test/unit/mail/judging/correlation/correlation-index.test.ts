import { describe, expect, it } from 'vitest';
import { aliasIndex, importerIndex, messageIndex } from '../../../../../src/archive/records.js';
import { archiveIndex } from '../../../../../src/mail/judging/correlation/correlation-index.js';
import { MemoryArchive } from '../../../../support/memory-archive.js';
import { fromCbp, mail, US } from '../corpus.js';
import { judged, REPLY_ALIAS } from '../judged.js';

const importerKeys = { keyOf: (number: string) => `KEY${number.replace(/\W/g, '')}` };
const APPROVED = 'Your ACE Portal account application has been approved.';

/** The tokens of ACME-1's reply aliases. */
const TOKENS = { cbp: 'gggggggggggggggg', client: 'hhhhhhhhhhhhhhhh' };
const ALIAS = `ace+${TOKENS.cbp}@broker.example`;

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
  for (const alias of ['cbp', 'client'] as const)
    await archive.createRecord(aliasIndex.key(TOKENS[alias]), {
      workflowId: 'onboarding-acme-1.2',
      reference: 'ACME-1',
      alias,
    });
  const names = {
    workflowId: 'onboarding-acme-1.2',
    reference: 'ACME-1',
    messageId: 'ours@broker.example',
    purpose: 'application/1/1',
  };
  for (const id of ['ours@broker.example', 'theirs@email.example'])
    await archive.createRecord(messageIndex.key(id), names);
  return archiveIndex(archive, importerKeys, REPLY_ALIAS);
}

describe('the index in the archive', () => {
  it('finds an onboarding by its alias, ignoring case', async () => {
    const index = await archived();
    const judgement = await judged(await fromCbp({ to: 'ACE+AAAAAAAAAAAAAAAA@Broker.example', body: APPROVED }), {
      index,
    });
    expect(judgement).toMatchObject({ workflowId: 'onboarding-zeta-3', mail: { alias: 'cbp' } });
    expect(judgement.mail.doubts).toEqual(['unknown-letter']);
  });

  it("finds it by the mail server's Message-ID, and returns ours", async () => {
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
    expect(judgement).toMatchObject({ workflowId: 'onboarding-acme-1.2', mail: { doubts: ['unknown-letter'] } });
  });

  it('offers the onboarding with the usual suffix for another suffix, but no match', async () => {
    const index = await archived();
    const judgement = await judged(await fromCbp({ body: 'The application for 47-1122334B2 has been approved.' }), {
      index,
    });
    expect(judgement).toMatchObject({ action: 'review', candidates: [{ reference: 'ZETA-3' }] });
    expect(judgement.workflowId).toBeUndefined();
  });

  it('reports an address that has the form of an alias but is unknown', async () => {
    const index = await archived();
    const judgement = await judged(await fromCbp({ to: 'ace+zzzzzzzzzzzzzzzz@broker.example', body: APPROVED }), {
      index,
    });
    expect(judgement.reasons.join()).toMatch(/looks like one of our reply aliases/);
  });
});

describe('an email that claims to be, or to return, our application', () => {
  const APPLICATION = {
    from: `Clearit USA <${US}>`,
    to: 'ACE.Applications@cbp.dhs.gov',
    messageId: '<ours@broker.example>',
    body: 'Please find the application attached.',
  };

  it.each<[string, string[]]>([
    ['as we sent it', [`Reply-To: ${ALIAS}`]],
    [
      'with what servers make of the header',
      ['X-MS-Exchange-Organization-AuthAs: Internal', `reply-to:\r\n\t<${ALIAS.toUpperCase()}>`],
    ],
  ])('is our own copy, %s', async (_, headers) => {
    const judgement = await judged(mail({ ...APPLICATION, headers }), { index: await archived() });
    expect(judgement).toMatchObject({
      action: 'ignore',
      workflowId: 'onboarding-acme-1.2',
      mail: { kind: 'own-copy', aboutMessageId: 'ours@broker.example' },
    });
  });

  it('is our own copy even if the mail server changed its Message-ID', async () => {
    const headers = [`Reply-To: ${ALIAS}`];
    const judgement = await judged(mail({ ...APPLICATION, messageId: '<theirs@email.example>', headers }), {
      index: await archived(),
    });
    expect(judgement.mail).toMatchObject({ kind: 'own-copy', aboutMessageId: 'ours@broker.example' });
  });

  it.each<[string, string[]]>([
    ['names no alias', []],
    ["names the client's alias", [`Reply-To: ace+${TOKENS.client}@broker.example`]],
    ["names another onboarding's alias", ['Reply-To: ace+aaaaaaaaaaaaaaaa@broker.example']],
    ['names an alias that nobody gave', ['Reply-To: ace+zzzzzzzzzzzzzzzz@broker.example']],
  ])('is not our copy and goes to a person if it %s', async (_, headers) => {
    const judgement = await judged(mail({ ...APPLICATION, headers }), { index: await archived() });
    expect(judgement).toMatchObject({ action: 'review', mail: { kind: 'unclear' } });
    expect(judgement.mail.aboutMessageId).toBeUndefined();
    expect(judgement.reasons.join()).toMatch(/does not name its reply address/);
  });

  const bounce = (to: string, returned: string) => ({
    from: 'Mail Delivery Subsystem <MAILER-DAEMON@mx.example>',
    to,
    subject: 'Undelivered Mail Returned to Sender',
    contentType: 'multipart/report; report-type=delivery-status; boundary=b1',
    body: `--b1\nContent-Type: text/plain\n\nUser unknown.\n--b1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; ACE.Applications@cbp.dhs.gov\nAction: failed\nStatus: 5.1.1\n\n--b1\n${returned}\n--b1--`,
  });
  const ID = 'Message-ID: <ours@broker.example>\n';
  const IN_WORDS = {
    from: 'MAILER-DAEMON@mx.example',
    subject: 'failure notice',
    body: `Hi. I could not be delivered: user unknown\n\n--- Below this line is a copy of the message.\n\n${ID}`,
  };

  it.each([
    ['to the alias', bounce(ALIAS, `Content-Type: text/rfc822-headers\n\n${ID}`)],
    ['with the headers', bounce(US, `Content-Type: text/rfc822-headers\n\n${ID}Reply-To: <${ALIAS}>\n`)],
    ['with the message', bounce(US, `Content-Type: message/rfc822\n\n${ID}Reply-To: ${ALIAS}\n\nBody`)],
  ])('is a bounce if it comes back %s', async (_, parts) => {
    const judgement = await judged(mail(parts), { index: await archived() });
    expect(judgement).toMatchObject({
      action: 'signal',
      workflowId: 'onboarding-acme-1.2',
      mail: { kind: 'bounce', aboutMessageId: 'ours@broker.example' },
    });
  });

  it('is probably a bounce, for a person, if a mail server returns it in its own words', async () => {
    const parts = { ...IN_WORDS, body: `${IN_WORDS.body}Reply-To: ${ALIAS}\nSubject: x` };
    const judgement = await judged(mail(parts), { index: await archived() });
    expect(judgement).toMatchObject({ action: 'review', mail: { kind: 'bounce', doubts: ['guess'] } });
  });

  it.each([
    ['a report', bounce(US, `Content-Type: text/rfc822-headers\n\n${ID}`)],
    [
      "a report to the client's alias",
      bounce(`ace+${TOKENS.client}@broker.example`, `Content-Type: message/rfc822\n\n${ID}`),
    ],
    ['words', IN_WORDS],
  ])('goes to a person if it is %s that anyone could write', async (_, parts) => {
    const judgement = await judged(mail(parts), { index: await archived() });
    expect(judgement).toMatchObject({ action: 'review', workflowId: 'onboarding-acme-1.2', mail: { kind: 'bounce' } });
    expect(judgement.mail.doubts).toContain('return-unproven');
  });
});
