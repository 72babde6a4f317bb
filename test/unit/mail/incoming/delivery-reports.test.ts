import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../../../src/mail/incoming/parse-message.js';
import { mail } from '../judging/corpus.js';

const parsed = (type: string, kind: string, report: string) =>
  parseMessage(
    mail({
      contentType: `multipart/report; report-type=${kind}; boundary=b`,
      body: `--b\nContent-Type: text/plain\n\nSorry.\n\n--b\nContent-Type: ${type}\n\n${report}\n--b--`,
    }),
  );
const delivery = async (...groups: string[]) =>
  (await parsed('message/delivery-status', 'delivery-status', groups.join('\n\n'))).deliveryReport;
const receipt = async (report: string) =>
  (await parsed('message/disposition-notification', 'disposition-notification', report)).readReceipt;

const MAIL = 'Reporting-MTA: dns; mx.cbp.dhs.gov\nOriginal-Envelope-Id: attempt-1';

describe('a delivery report', () => {
  it('lists all recipients, the worst result first', async () => {
    expect(
      await delivery(
        MAIL,
        'Final-Recipient: rfc822; A@cbp.dhs.gov\nAction: relayed\nStatus: 2.1.5',
        'Original-Recipient: rfc822;ACE@cbp.dhs.gov\nFinal-Recipient: rfc822;<member@dhs.gov>\nAction: failed (full)\nStatus: 5.2.2 (full)\nDiagnostic-Code: smtp; 552 5.2.2\n the mailbox is full',
        'Final-Recipient: rfc822; ace@broker.example\nAction: delayed\nStatus: 4.4.1',
      ),
    ).toEqual({
      action: 'failed',
      status: '5.2.2',
      recipient: 'member@dhs.gov',
      diagnostic: '552 5.2.2 the mailbox is full',
      originalEnvelopeId: 'attempt-1',
      recipients: [
        {
          action: 'failed',
          address: 'member@dhs.gov',
          original: 'ace@cbp.dhs.gov',
          status: '5.2.2',
          diagnostic: '552 5.2.2 the mailbox is full',
        },
        { action: 'delayed', address: 'ace@broker.example', status: '4.4.1' },
        { action: 'relayed', address: 'a@cbp.dhs.gov', status: '2.1.5' },
      ],
    });
  });

  it.each<[string, string[], object]>([
    [
      'in one group',
      [`${MAIL}\nFinal-Recipient: rfc822; a@b.example\nAction: failed`],
      { action: 'failed', recipient: 'a@b.example' },
    ],
    ['without an action', [MAIL, 'Final-Recipient: rfc822; a@b.example\nStatus: 4.7.1'], { action: 'delayed' }],
    [
      'without a final recipient',
      [MAIL, 'Original-Recipient: rfc822; a@b.example\nAction: failed'],
      { recipient: 'a@b.example' },
    ],
    ['without recipients', [MAIL], { action: 'failed', recipients: [] }],
    ['of nothing', [''], { action: 'failed', recipients: [] }],
    [
      'with a field twice, of which the first counts',
      ['Final-Recipient: rfc822; a@b.example\nFinal-Recipient: rfc822; c@d.example\nAction: failed\nAction: delivered'],
      { recipients: [{ action: 'failed', address: 'a@b.example' }] },
    ],
  ])('is read as far as possible: %s', async (_, groups, report) => {
    expect(await delivery(...groups)).toMatchObject(report);
  });
});

describe('a read receipt', () => {
  it.each([
    ['manual-action/MDN-sent-manually; displayed', 'displayed'],
    ['automatic-action/MDN-sent-automatically;\n deleted', 'deleted'],
    ['automatic-action/MDN-sent-automatically; Deleted', 'deleted'],
    ['automatic-action/MDN-sent-automatically; processed', 'other'],
    ['automatic-action/MDN-sent-automatically; displayed/error', 'other'],
    ['nonsense', 'other'],
  ])('tells what happened to the email: %s', async (disposition, became) => {
    expect(await receipt(`Final-Recipient: rfc822; a@cbp.dhs.gov\nDisposition: ${disposition}`)).toBe(became);
  });

  it('without that part still counts, and no other email does', async () => {
    expect(await receipt('Final-Recipient: rfc822; a@cbp.dhs.gov')).toBe('other');
    const bare = mail({
      contentType: 'multipart/report; report-type=disposition-notification; boundary=b',
      body: '--b--',
    });
    expect((await parseMessage(bare)).readReceipt).toBe('other');
    expect((await parseMessage(mail())).readReceipt).toBeUndefined();
  });
});
