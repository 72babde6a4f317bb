import { describe, expect, it, vi } from 'vitest';
import { openAcePortal } from '../../../../simulator/cbp/ace-portal.js';
import type { LetterDesk } from '../../../../simulator/people/letter-desk.js';
import { type BackOffice, openOperators } from '../../../../simulator/people/operators.js';
import type { ListedOnboarding } from '../../../../src/client.js';
import { sampleApplication } from '../cbp/sample-application.js';

const MAIL_ID = 'a'.repeat(64);
const application = sampleApplication();

describe('operators who find an approval in a new wording', () => {
  it('record it, and teach its letter once the case is decided: one person adds it, another confirms it', async () => {
    const { operators, decide, teachApproval } = open({ is: 'new', paragraphs: ['We are pleased.'] });
    const found = await operators.attendTo(row('awaiting-decision'), application);
    expect(found).toMatchObject({
      decided: true,
      did: [expect.stringContaining('"We are pleased."'), expect.anything()],
    });
    expect(decide).toHaveBeenCalledWith('MAPLE-1', expect.objectContaining({ decision: 'approved' }));

    // Taught before, the letter would have the mail counted by itself.
    await operators.attendTo(row('awaiting-decision'), application);
    expect(teachApproval).not.toHaveBeenCalled();

    const taught = await operators.attendTo(row('awaiting-access-grant'), application);
    expect(taught).toMatchObject({ taught: true });
    const [mailId, people] = teachApproval.mock.calls[0] ?? [];
    expect(mailId).toBe(MAIL_ID);
    expect(people?.first).not.toBe(people?.second);
    await operators.attendTo(row('awaiting-access-grant'), application);
    expect(teachApproval).toHaveBeenCalledTimes(1);
  });

  it('leave it alone when its letter is known meanwhile', async () => {
    const { operators, decide, dismissMail } = open({ is: 'known' }, { what: 'unclear' });
    expect(await operators.attendTo(row('awaiting-decision'), application)).toBeUndefined();
    expect(decide).not.toHaveBeenCalled();
    expect(dismissMail).not.toHaveBeenCalled();
  });

  it.each(['approved', 'unclear'])(
    'record nothing that the desk does not confirm, and dismiss nothing from CBP: %s',
    async (what) => {
      const { operators, decide, dismissMail } = open({ is: 'new', paragraphs: [] }, { approved: false, what });
      expect(await operators.attendTo(row('awaiting-decision'), application)).toBeUndefined();
      expect(decide).not.toHaveBeenCalled();
      expect(dismissMail).not.toHaveBeenCalled();
    },
  );
});

describe('operators who see an application whose outcome is unknown', () => {
  it('settle each one, even if the list has shown it all along, and none when the list lags behind', async () => {
    const settle = vi.fn();
    const progress = vi.fn().mockResolvedValue({ attempt: 1, attention: ['send-unknown'] });
    const operators = openOperators({
      office: { progress, settle } as unknown as BackOffice,
      letters: {} as LetterDesk,
      portal: openAcePortal(),
      desk: { hasApplication: () => undefined, hasApproved: () => false },
      brokerAceEmail: 'portal@broker.example',
    });
    const unknown = { ...row('submitting'), attention: ['send-unknown'] } as ListedOnboarding;
    await operators.attendTo(unknown, application);
    progress.mockResolvedValueOnce({ attempt: 1, attention: [] });
    expect(await operators.attendTo(unknown, application)).toBeUndefined();
    await operators.attendTo(unknown, application);
    expect(settle.mock.calls.map(([, { outcome }]) => outcome)).toEqual(['not-sent', 'not-sent']);
  });
});

function open(seen: Awaited<ReturnType<LetterDesk['look']>>, { approved = true, what = 'approved' } = {}) {
  const decide = vi.fn();
  const dismissMail = vi.fn();
  const teachApproval = vi.fn<LetterDesk['teachApproval']>().mockResolvedValue('letter-0123456789ab');
  const operators = openOperators({
    office: {
      progress: async () => ({ mails: [{ at: '', direction: 'received', what, mailId: MAIL_ID }] }),
      decide,
      dismissMail,
    } as unknown as BackOffice,
    letters: { look: async () => seen, teachApproval },
    portal: { grant: () => undefined, seenBy: () => undefined },
    desk: { hasApplication: () => undefined, hasApproved: () => approved },
    brokerAceEmail: 'cross-account@clearit.example',
  });
  return { operators, decide, dismissMail, teachApproval };
}

function row(stage: ListedOnboarding['stage']): ListedOnboarding {
  return {
    reference: 'MAPLE-1',
    workflowId: 'onboarding-maple-1',
    stage,
    attention: stage === 'awaiting-decision' ? ['mail-to-review'] : [],
    status: 'running',
    url: '',
  } as ListedOnboarding;
}
