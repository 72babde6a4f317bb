import { describe, expect, it } from 'vitest';
import { type Case, differences, newCases } from '../../../../simulator/rehearsal/rehearsal.js';
import { SCENARIO_NAMES, SCENARIOS } from '../../../../simulator/rehearsal/scenarios.js';
import type { ListedOnboarding } from '../../../../src/client.js';
import { sampleApplication } from '../cbp/sample-application.js';

describe('the verdict on a client', () => {
  it('is good when the case ended as its scenario says and CBP got the application once', () => {
    expect(differences(ended())).toEqual([]);
  });

  it.each<[string, Partial<Case>, string]>([
    ['it is not closed', { closed: false }, 'is not closed: awaiting-decision'],
    ['another outcome', { row: row({ outcome: 'abandoned' }) }, 'ended abandoned, not access-granted'],
    ['a failed workflow', { row: row({ status: 'failed' }) }, 'ended failed, not access-granted'],
    ['no application at CBP', { deliveries: new Map() }, 'CBP got 0 applications, not 1'],
    [
      'an application delivered twice',
      { deliveries: new Map([['a', 2]]) },
      'CBP got 1 of the applications more than once',
    ],
    ['two applications', { deliveries: new Map([['a', 1], ['b', 1]]) }, 'CBP got 2 applications, not 1'], // biome-ignore format: a line each
    ['a person decided', { decidedByPerson: true }, 'a person had to decide although CBP had written'],
    ['somebody could not act', { troubles: ['brokerDecides was not possible'] }, 'brokerDecides was not possible'],
  ])('is bad: %s', (_, changed, difference) => {
    expect(differences({ ...ended(), ...changed })).toEqual([difference]);
  });

  it('is bad when no one was asked what the scenario is about', () => {
    const late = { ...ended(), scenario: SCENARIOS['late-then-approved'] };
    expect(differences(late)).toEqual(['no one was asked about "late"']);
    expect(differences({ ...late, asked: new Set(['late']) })).toEqual([]);
  });
});

describe('the scenarios', () => {
  // As CBP does: what opens the account is for its owner's eyes, and a second mail would be one that nobody knows.
  it('have CBP send the account email only to the account owner', () => {
    const written = SCENARIO_NAMES.flatMap((name) => SCENARIOS[name].steps.map(({ what }) => what));
    const accountMails = written.filter((what) => 'cbpWrites' in what && what.cbpWrites === 'approval-account');
    expect(accountMails.length).toBeGreaterThan(0);
    for (const mail of accountMails) expect(mail).toMatchObject({ to: 'client' });
  });

  it.each(SCENARIO_NAMES)('%s: someone takes the last step to its outcome', (name) => {
    const { steps, ends } = SCENARIOS[name];
    const last = steps.map(({ what }) => what);
    expect(
      last.some((what) =>
        ends.outcome === 'access-granted'
          ? 'clientGrants' in what && what.clientGrants === 'everything'
          : 'brokerDecides' in what && what.brokerDecides.decision === ends.outcome,
      ),
    ).toBe(true);
  });
});

function ended(): Case {
  const [one] = newCases([
    { application: sampleApplication(), scenario: SCENARIOS.happy, scenarioName: 'happy' },
  ]).values();
  if (!one) throw new Error('no case');
  return { ...one, closed: true, row: row({ outcome: 'access-granted' }), deliveries: new Map([['a', 1]]) };
}

function row(changed: Partial<ListedOnboarding>): ListedOnboarding {
  return {
    reference: 'MAPLE-1',
    workflowId: 'onboarding-maple-1',
    stage: 'awaiting-decision',
    attention: [],
    status: 'closed',
    url: '',
    ...changed,
  };
}
