import { describe, expect, it, vi } from 'vitest';
import type { Cbp, ReceivedApplication } from '../../../../simulator/cbp/cbp.js';
import type { AccountOwners, NoticeRead } from '../../../../simulator/people/account-owners.js';
import type { BackOffice, Operators } from '../../../../simulator/people/operators.js';
import { newCases, openRehearsal } from '../../../../simulator/rehearsal/rehearsal.js';
import type { Ending, Step } from '../../../../simulator/rehearsal/scenario.js';
import type { ListedOnboarding } from '../../../../src/client.js';
import { sampleApplication } from '../cbp/sample-application.js';

const granted = { outcome: 'access-granted', applications: 1 } as const;

describe('the steps of a scenario', () => {
  it('are taken once, after their days, when their trigger happens', async () => {
    const world = open([
      { when: { cbpGets: 'application' }, what: { cbpWrites: 'acknowledgement' } },
      { when: { cbpGets: 'application' }, afterDays: 2, what: { cbpWrites: 'approval-welcome' } },
      { when: { cbpGets: 'application', attempt: 2 }, what: { cbpWrites: 'refusal' } },
    ]);
    world.cbpGets('first');
    world.cbpGets('first');
    await vi.waitFor(() => expect(world.written).toEqual(['acknowledgement', 'approval-welcome']));
    world.cbpGets('second');
    await vi.waitFor(() => expect(world.written.at(-1)).toBe('refusal'));
    expect(world.one.deliveries).toEqual(new Map([['first', 2], ['second', 1]])); // biome-ignore format: one map
  });

  it('of an operator are retried until the onboarding accepts them', async () => {
    const world = open([
      {
        when: { brokerSees: { attention: 'client-silent' } },
        what: { brokerDecides: { decision: 'abandoned', evidence: 'unreachable' } },
      },
    ]);
    world.decide.mockRejectedValueOnce(new Error('no worker')).mockResolvedValue({ said: '', stage: 'closed' });
    world.rows = [row({ attention: ['client-silent'] })];
    await world.rehearsal.look();
    await world.rehearsal.look();
    await vi.waitFor(() => expect(world.one.decidedByPerson).toBe(true), 3_000);
    expect(world.decide).toHaveBeenCalledTimes(2);
    expect(world.one.troubles).toEqual([]);
  });

  it.each([
    { decidedByPerson: 'maybe' as const, troubles: [] },
    { decidedByPerson: true as const, troubles: ['brokerDecides failed: closed'] },
  ])(
    'of an operator may come too late if a person may decide: $decidedByPerson',
    async ({ decidedByPerson, troubles }) => {
      const decides = { decision: 'approved', verification: 'desk-phoned', evidence: 'phone' } as const;
      const steps: Step[] = [{ when: { brokerSees: { attention: 'overdue' } }, what: { brokerDecides: decides } }];
      const world = open(steps, {}, { ...granted, decidedByPerson });
      world.decide.mockImplementation(async () => {
        world.one.closed = true;
        throw new Error('closed');
      });
      world.rows = [row({ attention: ['overdue'] })];
      await world.rehearsal.look();
      await vi.waitFor(() => expect(world.decide).toHaveBeenCalled());
      await vi.waitFor(() => expect(world.one.troubles).toEqual(troubles));
    },
  );

  it('that wait for the instructions are also taken on a reminder, because the instructions may be lost', async () => {
    const world = open([{ when: { clientReads: 'grant-instructions' }, what: { clientGrants: 'everything' } }]);
    world.clientReads('grant-reminder');
    await vi.waitFor(() => expect(world.grants).toEqual(['everything']));
  });

  it("that wait for a taught letter are taken for any client's letter", async () => {
    const world = open([{ when: { brokerTeaches: 'letter' }, what: { cbpWrites: 'approval-notice' } }]);
    world.cbpGets('first');
    world.attendTo.mockResolvedValueOnce({ did: ['teaches it'], taught: true });
    world.rows = [row({})];
    await world.rehearsal.look();
    await vi.waitFor(() => expect(world.written).toEqual(['approval-notice']));
  });

  it('for the person at the terminal are left to that person', async () => {
    const steps: Step[] = [{ when: { brokerSees: {} }, what: { backOfficeApproves: true } }];
    const world = open(steps, { leftToNewcomer: true });
    world.rows = [row({})];
    await world.rehearsal.look();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(world.approve).not.toHaveBeenCalled();
  });
});

function open(steps: Step[], part: { leftToNewcomer?: boolean } = {}, ends: Ending = granted) {
  const application = sampleApplication();
  const cases = newCases([{ application, scenario: { story: '', steps, ends }, scenarioName: 'test', ...part }]);
  const [one] = cases.values();
  if (!one) throw new Error('no case');
  const listeners: { application?: (a: ReceivedApplication) => void; notice?: (n: NoticeRead) => void } = {};
  const written: string[] = [];
  const grants: string[] = [];
  const decide = vi.fn();
  const approve = vi.fn();
  const attendTo = vi.fn<Operators['attendTo']>().mockResolvedValue(undefined);
  const world = {
    one,
    written,
    grants,
    decide,
    approve,
    attendTo,
    rows: [] as ListedOnboarding[],
    cbpGets: (messageId: string) =>
      listeners.application?.({
        messageId,
        importer: { importerNumber: application.importerNumber },
      } as ReceivedApplication),
    clientReads: (template: NoticeRead['template']) =>
      listeners.notice?.({
        reference: application.reference,
        template,
        to: application.accountOwner.email,
      } as NoticeRead),
  };
  const rehearsal = openRehearsal({
    cases,
    cbp: {
      onApplication: (listener) => {
        listeners.application = listener;
      },
      write: async (kind) => {
        written.push(kind);
      },
    } as Pick<Cbp, 'onApplication' | 'write'> as Cbp,
    accountOwners: {
      onNotice: (listener) => {
        listeners.notice = listener;
      },
      grant: (_notice, _application, what) => {
        grants.push(what);
      },
    } as Pick<AccountOwners, 'onNotice' | 'grant'> as AccountOwners,
    operators: { attendTo },
    office: {
      async *list() {
        yield* world.rows;
      },
      decide,
      approve,
    } as unknown as BackOffice,
    secondsPerBusinessDay: 0.02,
    brokerMailbox: 'ace@clearit.example',
  });
  return Object.assign(world, { rehearsal });
}

function row(changed: Partial<ListedOnboarding>): ListedOnboarding {
  return {
    reference: 'MAPLE-1',
    workflowId: 'onboarding-maple-1',
    stage: 'awaiting-decision',
    attention: [],
    status: 'running',
    url: '',
    ...changed,
  };
}
