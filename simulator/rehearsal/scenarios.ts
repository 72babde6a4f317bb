import type { Application } from '../../src/application/application.js';
import type { HowToWrite } from '../cbp/cbp.js';
import type { Ending, Scenario, Step } from './scenario.js';

export const SCENARIO_NAMES = [
  'happy',
  'suffix-a1',
  'no-acknowledgement',
  'late-then-approved',
  'approval-reaches-client-only',
  'already-registered',
  'name-mismatch-corrected',
  'use-web-form',
  'forged-then-real',
  'partial-grant',
  'quebec',
  'client-silent-abandoned',
  'bounce',
  'out-of-office',
  'new-thread',
  'new-letter',
  'taught-letter',
  'newcomer',
] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];

const applied = (attempt = 1) => ({ cbpGets: 'application', attempt }) as const;

/** CBP's automatic reply, right away. */
const acknowledges = (attempt = 1): Step => ({ when: applied(attempt), what: { cbpWrites: 'acknowledgement' } });

/** The two emails of an approval: the administrator's to both, the account email only to the account owner. */
const approves = (afterDays: number, attempt = 1, how: HowToWrite = { to: 'both' }): Step[] => [
  { when: applied(attempt), afterDays, what: { cbpWrites: 'approval-welcome', ...how } },
  { when: applied(attempt), afterDays: afterDays + 0.1, what: { cbpWrites: 'approval-account', to: 'client' } },
];

const grants = (afterDays = 1): Step => ({
  when: { clientReads: 'grant-instructions' },
  afterDays,
  what: { clientGrants: 'everything' },
});

const granted = (extra: Partial<Ending> = {}): Ending => ({ outcome: 'access-granted', applications: 1, ...extra });

export const SCENARIOS: Record<ScenarioName, Scenario> = {
  happy: {
    story: 'CBP acknowledges right away and approves on day 2. The client grants access the day after.',
    steps: [acknowledges(), ...approves(2), grants()],
    ends: granted(),
  },
  'suffix-a1': {
    story: 'The importer number ends in A1. CBP says that the application is in process, and approves on day 3.',
    steps: [
      acknowledges(),
      { when: applied(), afterDays: 1, what: { cbpWrites: 'in-process' } },
      ...approves(3),
      grants(),
    ],
    ends: granted(),
  },
  'no-acknowledgement': {
    story: 'No automatic reply comes, which is only noted. CBP approves on day 3.',
    steps: [...approves(3), grants()],
    ends: granted(),
  },
  'late-then-approved': {
    story: 'Sent the day before Thanksgiving. CBP is still silent after day 5, and approves on day 8.',
    steps: [
      acknowledges(),
      // Late on day 5, so this is day 8, however busy the machine is.
      {
        when: { brokerSees: { attention: 'late' } },
        afterDays: 3,
        what: { cbpWrites: 'approval-welcome', to: 'both' },
      },
      grants(),
    ],
    ends: granted({ attention: ['late'] }),
  },
  'approval-reaches-client-only': {
    story:
      "CBP's approval reaches only the account owner, who answers yes when asked. The next steps go out by themselves.",
    steps: [
      acknowledges(),
      ...approves(3, 1, { to: 'client' }),
      {
        when: { clientReads: 'ask-whether-approved' },
        afterDays: 0.5,
        what: { clientWrites: 'Yes, it came.' },
      },
      // In case the question or the answer gets lost.
      {
        when: { brokerSees: { attention: 'overdue' } },
        afterDays: 2,
        what: {
          brokerDecides: {
            decision: 'approved',
            verification: 'desk-phoned',
            evidence: 'Phone call with the ACE Account Service Desk.',
          },
        },
      },
      grants(),
    ],
    ends: granted({ attention: ['late'], decidedByPerson: 'maybe' }),
  },
  'already-registered': {
    story: 'CBP says that the number already has an account. An operator confirms it, and the client grants access.',
    steps: [
      acknowledges(),
      { when: applied(), afterDays: 1, what: { cbpWrites: 'already-registered' } },
      {
        when: { brokerSees: { attention: 'decision-to-confirm' } },
        afterDays: 0.5,
        what: {
          brokerDecides: {
            decision: 'already-registered',
            next: 'grant',
            verification: 'desk-phoned',
            evidence: 'The desk named the account owner on the phone.',
          },
        },
      },
      grants(),
    ],
    ends: granted({ attention: ['decision-to-confirm'], decidedByPerson: true }),
  },
  'name-mismatch-corrected': {
    story:
      'The name does not match the 5106. An operator reads that and tells the client. The corrected application is sent again and approved.',
    steps: [
      acknowledges(),
      { when: applied(), afterDays: 1, what: { cbpWrites: 'not-on-file' } },
      {
        when: { brokerSees: { attention: 'decision-to-confirm' } },
        afterDays: 0.5,
        what: {
          brokerDecides: {
            decision: 'correction-needed',
            waitingOn: 'client',
            what: 'CBP has another name on file for your importer number. Please send us your CBP Form 5106.',
            evidence: "CBP's email about the name on file.",
          },
        },
      },
      {
        when: { clientReads: 'correction-needed' },
        afterDays: 1,
        what: {
          brokerCorrects: {
            reason: 'Name as on the CBP Form 5106 that the client sent.',
            corrected: (application) => ({
              ...application,
              company: { ...application.company, legalName: withLegalForm(application.company.legalName) },
            }),
          },
        },
      },
      acknowledges(2),
      ...approves(2, 2),
      grants(),
    ],
    ends: granted({ applications: 2, attention: ['decision-to-confirm', 'correction-needed'], decidedByPerson: true }),
    nameOnFile: withLegalForm,
  },
  'use-web-form': {
    story: 'CBP asks for the web form. An operator reads that, fills it in and records it. CBP approves.',
    steps: [
      acknowledges(),
      { when: applied(), afterDays: 1, what: { cbpWrites: 'use-web-form' } },
      {
        when: { brokerSees: { stage: 'awaiting-correction', attention: 'decision-to-confirm' } },
        afterDays: 0.5,
        what: {
          brokerCorrects: {
            reason: 'CBP asks for the web form. We filled it in with the client on the phone.',
            corrected: (application) => ({
              ...application,
              route: { ...application.route, channel: { kind: 'web-form' } },
            }),
          },
        },
      },
      {
        when: { brokerSees: { attention: 'web-form' } },
        afterDays: 0.5,
        what: { brokerSettles: 'sent', evidence: 'Confirmation page of the web form, screenshot 7.' },
      },
      {
        when: { brokerSees: { attention: 'web-form' } },
        afterDays: 2,
        what: { cbpWrites: 'approval-welcome', to: 'both' },
      },
      grants(),
    ],
    ends: granted({ attention: ['decision-to-confirm', 'web-form'] }),
  },
  'forged-then-real': {
    story:
      'Two forged approvals change nothing: one is unsigned, one comes from a look-alike domain. The real one comes on day 4.',
    steps: [
      acknowledges(),
      { when: applied(), afterDays: 1, what: { cbpForgedBy: 'unsigned' } },
      { when: applied(), afterDays: 2, what: { cbpForgedBy: 'look-alike' } },
      ...approves(4),
      grants(),
    ],
    // An operator who checks the forgeries after the real approval learns of it from the desk.
    ends: granted({ attention: ['mail-to-review'], decidedByPerson: 'maybe' }),
  },
  'partial-grant': {
    story: 'The first grant is read-only and lacks a number. The client is told exactly what is missing.',
    steps: [
      acknowledges(),
      ...approves(2),
      { when: { clientReads: 'grant-instructions' }, afterDays: 1, what: { clientGrants: 'too-little' } },
      { when: { clientReads: 'grant-partial' }, afterDays: 2, what: { clientGrants: 'everything' } },
    ],
    ends: granted({ attention: ['grant-partial'] }),
  },
  quebec: {
    story: 'A company in Québec with accents in its name and a number that CBP assigned.',
    steps: [acknowledges(), ...approves(3), grants()],
    ends: granted(),
  },
  'client-silent-abandoned': {
    story:
      'CBP approves, but the client never grants access. After reminders, operations takes over, and a person abandons the case.',
    steps: [
      acknowledges(),
      ...approves(1),
      {
        when: { brokerSees: { attention: 'client-silent' } },
        afterDays: 2,
        what: {
          brokerDecides: {
            decision: 'abandoned',
            evidence: 'The client cannot be reached. The account manager agrees.',
          },
        },
      },
    ],
    ends: { outcome: 'abandoned', applications: 1, attention: ['client-silent'], decidedByPerson: true },
  },
  bounce: {
    story: 'The email to CBP bounces. An operator has it sent again, and CBP approves.',
    steps: [
      { when: applied(), what: { mailBounces: true } },
      {
        when: { brokerSees: { stage: 'awaiting-correction' } },
        afterDays: 1,
        what: {
          brokerCorrects: {
            reason: "The desk says that CBP's mail server was down. Same application again.",
            corrected: (application) => application,
            replace: true,
          },
        },
      },
      acknowledges(2),
      ...approves(2, 2),
      grants(),
    ],
    ends: granted({ applications: 2 }),
  },
  'out-of-office': {
    story:
      "An officer's out-of-office reply and a bulletin arrive. Neither counts as an acknowledgement or a decision.",
    steps: [
      { when: applied(), what: { cbpWrites: 'out-of-office' } },
      { when: applied(), afterDays: 0.5, what: { cbpSendsBulletin: true } },
      { when: applied(), afterDays: 0.5, what: { cbpWrites: 'acknowledgement' } },
      ...approves(3),
      grants(),
    ],
    ends: granted(),
  },
  'new-thread': {
    story: 'CBP approves in a new thread, with another subject and no reference to our email.',
    steps: [acknowledges(), ...approves(3, 1, { to: 'both', thread: 'new' }), grants()],
    ends: granted(),
  },
  'new-letter': {
    story:
      'CBP approves in new wording. An operator asks the desk and records the approval. Two people teach the letter.',
    steps: [
      acknowledges(),
      { when: applied(), afterDays: 0.5, what: { cbpWrites: 'approval-notice', to: 'both' } },
      { when: applied(), afterDays: 0.6, what: { cbpWrites: 'approval-account', to: 'client' } },
      grants(2),
    ],
    ends: granted({ attention: ['mail-to-review'], decidedByPerson: true }),
  },
  'taught-letter': {
    story: 'CBP approves in the wording that was new a few days ago. It is known now, and no one has to look.',
    steps: [
      acknowledges(),
      { when: { brokerTeaches: 'letter' }, afterDays: 3, what: { cbpWrites: 'approval-notice', to: 'both' } },
      grants(),
    ],
    ends: granted(),
  },
  newcomer: {
    story: 'CBP stays silent. The approval comes from the back office, or from you.',
    steps: [
      acknowledges(),
      {
        when: { brokerSees: { stage: 'awaiting-decision' } },
        afterDays: 3,
        what: { backOfficeApproves: true },
      },
      grants(),
    ],
    ends: granted(),
  },
};

/** What happens to a client without a scenario: all goes well on the application's route. */
export function untroubled({ route }: Application): Scenario {
  const backOfficeApproves: Step = {
    when: { brokerSees: { stage: 'awaiting-decision' } },
    afterDays: 2,
    what: { backOfficeApproves: true },
  };
  if (route.existingAccount === 'yes') {
    return {
      story: 'The importer already has an account. The client grants access.',
      steps: [grants()],
      ends: granted({ applications: 0 }),
    };
  }
  if (route.existingAccount === 'unknown') {
    return {
      story: 'An operator finds out that there is no account yet. Then all goes well.',
      steps: [
        {
          when: { brokerSees: { attention: 'route-unknown' } },
          afterDays: 0.5,
          what: {
            brokerCorrects: {
              reason: 'Trade account owner lookup: no account.',
              corrected: (application) => ({
                ...application,
                route: { ...application.route, existingAccount: 'none', channel: { kind: 'email' } },
              }),
            },
          },
        },
        ...SCENARIOS.happy.steps,
      ],
      ends: granted({ attention: ['route-unknown'], decidedByPerson: 'maybe' }),
    };
  }
  switch (route.channel.kind) {
    case 'web-form':
      return {
        story: "An operator fills in CBP's web form. The back office sees the approval.",
        steps: [
          {
            when: { brokerSees: { attention: 'web-form' } },
            afterDays: 0.5,
            what: { brokerSettles: 'sent', evidence: 'Confirmation page of the web form.' },
          },
          backOfficeApproves,
          grants(),
        ],
        ends: granted({ applications: 0, attention: ['web-form'] }),
      };
    case 'already-submitted':
      return {
        story: 'The application was already submitted. The back office sees the approval.',
        steps: [backOfficeApproves, grants()],
        ends: granted({ applications: 0 }),
      };
    case 'email':
      // A name that looks like ordinary words does not become a slot, so a person has to look.
      return { ...SCENARIOS.happy, ends: granted({ decidedByPerson: 'maybe' }) };
  }
}

export function isScenarioName(name: string): name is ScenarioName {
  return (SCENARIO_NAMES as readonly string[]).includes(name);
}

/** The name with the legal form that the application left out. */
function withLegalForm(legalName: string): string {
  return /\b(LLC|Inc\.?|Corp\.?|Ltd\.?|Ltée)$/.test(legalName) ? legalName : `${legalName} LLC`;
}
