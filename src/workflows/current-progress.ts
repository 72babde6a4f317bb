import type { Rung } from './ladder.js';
import type { Attention, MailLine, Progress } from './progress.js';
import { mailsForPeople, mismatchedApprovals } from './questions.js';
import { entriesOf, type OnboardingRecord } from './record.js';

/** Where an onboarding stands, derived from its record and the rungs ahead. Pure. */
export function progressOf(record: OnboardingRecord, rungs: readonly Rung[], company: string): Progress {
  const attention = attentionOf(record);
  const next = rungs[0];
  const due = next && record.deadlines[next.deadline];
  return {
    reference: record.application?.reference ?? '',
    company,
    round: record.round,
    attempt: record.attempt,
    stage: record.stage,
    waitingOn: waitingOn(record, attention),
    since: record.since,
    ...(record.wanted ? { wanted: record.wanted } : {}),
    ...(next && due ? { due: { at: due.at, what: next.say, explanation: due.explanation } } : {}),
    next: next ? `${next.say}` : nothingDue(record),
    ifNothing: rungs.at(-1)?.say ?? nothingDue(record),
    attention,
    actions: actionsFor(record, attention),
    ...(record.outcome ? { outcome: record.outcome } : {}),
    mails: mailLines(record),
    notes: record.notes,
    ...(record.importerNumbersMissing.length > 0 ? { importerNumbersMissing: record.importerNumbersMissing } : {}),
  };
}

/** What a person is asked for: what the stage raised, and what open mails ask. */
export function attentionOf(record: OnboardingRecord): Attention[] {
  if (record.stage === 'closed') return [];
  const fromMails = mailsForPeople(record).map((task) => task.why);
  const fromApprovals: Attention[] = mismatchedApprovals(record) ? ['approval-mismatch'] : [];
  return [...new Set<Attention>([...record.raised, ...fromMails, ...fromApprovals])].sort();
}

/** While a mail waits to be judged, it is the broker's turn whoever else is awaited. */
function waitingOn(record: OnboardingRecord, attention: Attention[]): Progress['waitingOn'] {
  const broker: Attention[] = [
    'mail-to-review',
    'decision-to-confirm',
    'contradiction',
    'approval-mismatch',
    'bounced',
  ];
  return attention.some((one) => broker.includes(one)) ? 'broker' : record.waitingOn;
}

function nothingDue(record: OnboardingRecord): string {
  switch (record.stage) {
    case 'closed':
      return 'nothing, it is closed';
    case 'preparing':
    case 'submitting':
      return record.waitingOn === 'nobody' ? 'it goes on by itself' : 'it waits until a person acts';
    default:
      return 'it waits until a person acts';
  }
}

function mailLines(record: OnboardingRecord): MailLine[] {
  const received = entriesOf(record, 'mail').map(
    ({ mail }): MailLine => ({
      at: mail.receivedAt,
      direction: 'received',
      what: `${mail.kind}${mail.authenticity.verdict === 'authentic' || mail.kind === 'own-copy' ? '' : ` (${mail.authenticity.verdict})`}`,
      mailId: mail.mailId,
    }),
  );
  return [...record.sent, ...received].sort((a, b) => a.at.localeCompare(b.at));
}

type Action = Progress['actions'][number];

/** What can be done now, most likely first. The same words on the command line and in the UI. */
function actionsFor(record: OnboardingRecord, attention: Attention[]): Action[] {
  const ref = record.application?.reference ?? 'REFERENCE';
  const you = '--actor YOU --evidence "WHERE TO LOOK IT UP"';
  const actions: Action[] = [];
  const offer = (say: string, command: string) => actions.push({ say, command: `ace-onboarding ${command}` });
  if (record.stage === 'closed') return [];

  if (attention.includes('mail-to-review') || attention.includes('contradiction')) {
    offer(
      'Read the mails that wait for you; when one is dealt with',
      `dismiss ${ref} MAIL-ID --actor YOU --reason "WHY"`,
    );
  }
  switch (record.stage) {
    case 'submitting':
      offer(
        record.raised.includes('web-form') ? 'When the web form has been sent' : 'If CBP has the application',
        `settle ${ref} sent --at INSTANT ${you}`,
      );
      offer('If it is certain that CBP does not have it: it is sent again', `settle ${ref} not-sent ${you}`);
      break;
    case 'awaiting-acknowledgement':
    case 'awaiting-decision':
      offer('When you know that CBP approved', `decide ${ref} approved --verification seen-in-ace ${you}`);
      offer(
        'When CBP wants something mended',
        `decide ${ref} correction-needed --waiting-on client --what "WHAT CBP WANTS" ${you}`,
      );
      offer(
        'When the importer has an account already',
        `decide ${ref} already-registered --next grant --verification seen-in-ace ${you}`,
      );
      offer('When CBP refused for good', `decide ${ref} rejected --verification desk-phoned ${you}`);
      break;
    case 'awaiting-correction':
      offer('Send the corrected application', `correct ${ref} CORRECTED.json --actor YOU --reason "WHAT CHANGED"`);
      if (record.submissions.length > 0)
        offer('When CBP approved after all', `decide ${ref} approved --verification seen-in-ace ${you}`);
      break;
    case 'awaiting-access-grant':
      offer('When you have looked in ACE', `confirm-access ${ref} --importer-number NUMBER --role full-access ${you}`);
      offer('When the client will never grant it', `decide ${ref} abandoned ${you}`);
      break;
    default:
      break;
  }
  if (record.stage !== 'awaiting-access-grant')
    offer('When the client withdraws', `withdraw ${ref} --actor YOU --reason "WHY"`);
  return actions;
}
