import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDigestActivities, DIGEST_UNSENT, type DigestDependencies } from '../../../src/activities/digest.js';
import { createSender, type SenderDependencies } from '../../../src/activities/sender.js';
import type { Archive } from '../../../src/archive/archive.js';
import { openDirectoryArchive } from '../../../src/archive/directory.js';
import { lastDigests, mails, read, reviews, unknownLetters } from '../../../src/archive/records.js';
import type { People } from '../../../src/config/people.js';
import { recordSignIn } from '../../../src/digest/ace-users.js';
import { MOST_LINES } from '../../../src/digest/compose-digest.js';
import type { DigestCase } from '../../../src/digest/digest-case.js';
import { createTokenProvider } from '../../../src/mail/outgoing/token-provider.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { aConfig, PATIENT } from '../mail/outgoing/outgoing-case.js';
import { openScriptedSmtp, type ScriptedSmtp } from '../mail/outgoing/scripted-smtp.js';

const WORKFLOW = 'digest-onboarding';
const TUESDAY = '2026-12-01T13:00:05Z';
const AFTER_MONDAY = { morning: '2026-11-30', week: '2026-11-30' };
const person = (id: string, name: string, more = {}) => ({
  id,
  name,
  email: `${id}@broker.example`,
  absent: [],
  ...more,
});
const PEOPLE: People = { jo: person('jo', 'Jo Park'), kim: person('kim', 'Kim Lee') };
const closures = { extraClosures: [], inaugurationDay: false };
const POLICY = {
  calendar: { ...closures, cutOffHour: 17 },
  broker: { ...closures, timeZone: 'America/New_York', openingHour: 8 },
  digestHour: 8,
};

function aCase(reference: string, changes: Partial<DigestCase> = {}): DigestCase {
  return {
    workflowId: `onboarding-${reference}`,
    reference,
    company: `Company ${reference}`,
    handler: 'jo',
    tasks: [{ reason: 'bounced', since: '2026-11-25T15:00:00Z' }],
    escalation: 'handler',
    ...changes,
  };
}

describe('the digests of a morning', () => {
  let smtp: ScriptedSmtp;
  let archive: Archive;
  let now: string;
  let cases: DigestCase[];
  beforeEach(async () => {
    smtp = await openScriptedSmtp();
    archive = await openDirectoryArchive(temporaryFolder('digest'));
    now = TUESDAY;
    cases = [aCase('A'), aCase('B', { handler: 'kim' }), aCase('C', { handler: undefined })];
    await recordSignIn(archive, 'portal@broker.example', {
      signedInOn: '2026-11-30',
      actor: 'jo',
      recordedAt: TUESDAY,
    });
  });
  afterEach(() => smtp.close());

  function worker(changes: Partial<DigestDependencies & Pick<SenderDependencies, 'at'>> = {}) {
    const config = { ...aConfig(smtp.port, { MAIL_PER_SECOND: '100' }), people: PEOPLE };
    const { at, ...rest } = changes;
    return createDigestActivities({
      archive,
      config,
      policy: POLICY,
      client: {} as DigestDependencies['client'],
      send: createSender({
        ...{ archive, config, logins: createTokenProvider(config), now: () => new Date(now), timeouts: PATIENT },
        ...{ findSentCopy: async () => undefined, lookAfterMs: [0], ...(at ? { at } : {}) },
      }),
      now: () => new Date(now),
      collect: async () => cases,
      count: async () => ({ open: 7, stages: [['awaiting-decision', 7]], waitingOn: [['cbp', 7]] }),
      ...rest,
    });
  }
  const send = (by = worker(), last: typeof AFTER_MONDAY | undefined = AFTER_MONDAY) =>
    by.sendDigests({ workflowId: WORKFLOW, last });
  const recipients = () => smtp.received.map(({ to }) => to.join()).sort();
  const textTo = (id: string) => {
    const raw = smtp.received.find(({ to }) => to[0] === `${id}@broker.example`)?.raw ?? '';
    return raw
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  };

  test('reach each person once, operations last, with what to do, since when, and the command', async () => {
    expect(await send()).toMatchObject({ morning: '2026-12-01', emails: 3, cases: 3, undelivered: 0 });
    expect(smtp.received.map(({ to }) => to[0])).toEqual([
      ...['jo@broker.example', 'kim@broker.example', 'operations@broker.example'],
    ]);
    const text = textTo('jo');
    expect(text).toContain('Subject: 1 thing to do, Tue Dec 1');
    expect(text).toContain('Good morning Jo Park,');
    expect(text).toContain('- A, Company A\r\n  One of our emails bounced.');
    // Thanksgiving and the weekend are no working days.
    expect(text).toContain('  Waiting since Wed Nov 25 (3 working days).\r\n  ace-onboarding show A');
    expect(text).not.toContain('Company B');
    expect(text).toContain('Auto-Submitted: auto-generated');
    expect(text).toContain('Reply-To: operations@broker.example');
    expect((await read(archive, lastDigests, WORKFLOW))?.morning).toBe('2026-12-01');
  });

  test('do not go to people who have nothing to do', async () => {
    cases = [];
    expect(await send()).toMatchObject({ emails: 0 });
    expect(smtp.received).toEqual([]);
  });

  test('are not sent twice, however often they are tried, on the same morning', async () => {
    await send();
    cases = [aCase('A'), aCase('D')];
    now = '2026-12-01T21:00:00Z';
    await send(worker());
    expect(recipients()).toEqual([...new Set(recipients())]);
  });

  test.each(['before-connect', 'before-claim', 'answered', 'recorded'] as const)(
    'reach everyone exactly once when the worker dies after one of three, at %s',
    async (point) => {
      let sends = 0;
      const dying = worker({
        async at(reached) {
          if (reached === 'before-connect') sends += 1;
          // Nothing after this point is done, as if the process were gone.
          if (sends > 2 || (sends === 2 && reached === point)) await new Promise(() => {});
        },
      });
      void send(dying).catch(() => {});
      await expect.poll(() => sends).toBe(2);
      if (point !== 'before-connect') await expect.poll(() => smtp.sessions.length).toBe(2);
      if (point === 'answered' || point === 'recorded') await expect.poll(() => smtp.received.length).toBe(2);
      const { emails, undelivered } = await send(worker());
      expect(new Set(recipients()).size).toBe(recipients().length);
      const reached = new Set(recipients());
      // If the server's answer is lost, no one can know: then operations has the tasks.
      expect(reached).toEqual(new Set(['jo@broker.example', 'kim@broker.example', 'operations@broker.example']));
      expect(emails + undelivered).toBe(3);
    },
  );

  test('of someone whose address is refused are part of the digest of operations', async () => {
    smtp.script = (point, _, argument) =>
      point === 'rcpt' && argument.startsWith('kim@') ? { say: '550 5.1.1 no such user' } : undefined;
    expect(await send()).toMatchObject({ emails: 2, undelivered: 1 });
    const text = textTo('operations');
    expect(text).toContain('The digest of Kim Lee did not arrive');
    expect(text).toContain('- B, Company B');
    expect(text).toContain('Handler: kim.');
  });

  test('that cannot be sent yet do not hold up the others, and are tried again', async () => {
    let greylisted = true;
    smtp.script = (point, _, argument) =>
      point === 'rcpt' && argument.startsWith('jo@') && greylisted ? { say: '450 4.7.1 try again' } : undefined;
    await expect(send()).rejects.toMatchObject({ type: DIGEST_UNSENT });
    expect(recipients()).toEqual(['kim@broker.example', 'operations@broker.example']);
    expect(textTo('operations')).toContain('- A, Company A');
    greylisted = false;
    expect(await send()).toMatchObject({ emails: 3 });
    expect(recipients()).toEqual(['jo@broker.example', 'kim@broker.example', 'operations@broker.example']);
  });

  describe('with a template of the user that is broken', () => {
    const MONDAY_BEFORE = { morning: '2026-11-25', week: '2026-11-23' };
    let own: string;
    let warnings: string[];
    beforeEach(async () => {
      own = temporaryFolder('templates');
      await mkdir(join(own, 'staff'));
      warnings = [];
      cases = [aCase('A', { escalation: 'manager' })];
    });
    const withOwn = () => {
      const config = { ...aConfig(smtp.port, { MAIL_PER_SECOND: '100', MAIL_TEMPLATES_DIR: own }), people: PEOPLE };
      return worker({ config, warn: (message, error) => warnings.push(`${message} ${(error as Error).message}`) });
    };
    const breakIt = (name: string) => writeFile(join(own, `staff/${name}.eta`), 'Subject: x\n\n<%= it.nobody %>\n');

    test('are warned about in the log, fail, and are sent once it is corrected', async () => {
      await breakIt('digest');
      await expect(send(withOwn())).rejects.toMatchObject({ type: DIGEST_UNSENT });
      expect(recipients()).toEqual([]);
      expect(warnings).toEqual(Array(2).fill(expect.stringMatching(/staff\/digest\.eta.*nobody/s)));
      expect(await read(archive, lastDigests, WORKFLOW)).toBeUndefined();
      await rm(join(own, 'staff/digest.eta'));
      expect(await send(withOwn())).toMatchObject({ emails: 2 });
    });

    test('go to everyone whose template is not, and operations hears who got none', async () => {
      await breakIt('weekly');
      await expect(send(withOwn(), MONDAY_BEFORE)).rejects.toMatchObject({ type: DIGEST_UNSENT });
      expect(recipients()).toEqual(['jo@broker.example', 'operations@broker.example']);
      expect(textTo('operations')).toMatch(/The digest of .+ did not arrive/);
      expect(warnings).toEqual([expect.stringMatching(/staff\/weekly\.eta.*nobody/s)]);
      await rm(join(own, 'staff/weekly.eta'));
      await send(withOwn(), MONDAY_BEFORE);
      expect(recipients()).toEqual(['jo@broker.example', 'manager@broker.example', 'operations@broker.example']);
    });
  });

  test('that were missed for days are one digest, of the day on which they are sent at last', async () => {
    const friday = '2026-12-04T16:00:00Z';
    now = friday;
    expect(await send()).toMatchObject({ morning: '2026-12-04', emails: 3 });
    expect(textTo('jo')).toContain('Fri Dec 4');
    const next = await worker().nextDigest({ last: { morning: '2026-12-04', week: '2026-11-30' } });
    expect(next.at).toBe('2026-12-07T13:00:00.000Z');
  });

  test('begin with the next morning when the product is new', async () => {
    expect((await worker().nextDigest({})).at).toBe('2026-12-02T13:00:00.000Z');
    now = '2026-12-01T12:00:00Z';
    expect((await worker().nextDigest({})).at).toBe('2026-12-01T13:00:00.000Z');
  });

  test('show at most so many tasks of one kind, then how many more and the command', async () => {
    cases = Array.from({ length: 500 }, (_, n) => aCase(`C-${n}`));
    await send();
    const text = textTo('jo');
    expect(text.match(/^- C-/gm)).toHaveLength(MOST_LINES);
    expect(text).toContain(`And ${500 - MOST_LINES} more: ace-onboarding list`);
    expect(text.split('\n').length).toBeLessThan(300);
  });

  test('never have links or control characters from a name', async () => {
    cases = [aCase('A', { company: 'Maple http://evil.example/x\r\nBcc: a@b.example\u202e' })];
    await send();
    const text = textTo('jo');
    expect(text).not.toContain('http://evil.example');
    expect(text).not.toMatch(/^Bcc:/m);
    expect(text).not.toContain('\u202e');
  });

  test('of a case that did not answer say so, and what it was listed for', async () => {
    cases = [aCase('A', { tasks: [], escalation: 'operations', unanswered: ['late', 'bounced'] })];
    await send();
    for (const id of ['jo', 'operations'])
      expect(textTo(id)).toContain(
        'This case could not be read this morning, so look at it yourself. It is listed for: late, bounced.',
      );
  });

  test('of operations have the mail in review and the letters that wait for teaching, with the oldest', async () => {
    cases = [];
    const mailId = 'a'.repeat(64);
    await archive.createRecord(reviews.key(mailId), { mailId, since: '2026-11-30T15:00:00Z' });
    await archive.createRecord(mails.key(mailId), {
      ...{ mailId, mailbox: 'main', receivedAt: TUESDAY, firstSeenAt: TUESDAY, state: 'review' },
      ...{ candidates: [], reasons: [], mail: { mailId } },
    });
    const letter = {
      workflowId: 'onboarding-A',
      reference: 'A',
      group: 'g',
      domain: 'cbp.dhs.gov',
      since: '2026-11-28T15:00:00Z',
    };
    for (const id of ['b', 'c']) await archive.createRecord(unknownLetters.key(id), { mailId: id, ...letter });
    expect(await send()).toMatchObject({ emails: 1 });
    const text = textTo('operations');
    expect(text).toContain(
      '- 1 email in review, not known to belong to a case, the oldest since Mon Nov 30, 10:00 AM ET.',
    );
    expect(text).toContain('- 2 emails from CBP that no known letter matches (1 kind), the oldest since Sat Nov 28');
  });

  test('of operations warn before ACE disables our user, in other words when it is urgent', async () => {
    cases = [];
    now = '2026-12-29T13:00:05Z';
    await send();
    expect(recipients()).not.toContain('operations@broker.example');
    now = '2026-12-30T13:00:05Z';
    await send();
    expect(textTo('operations')).toContain(
      'Our ACE user portal@broker.example last signed in 30 days ago, on Mon Nov 30',
    );
    smtp.received.splice(0);
    now = '2027-01-11T13:00:05Z';
    await send();
    expect(textTo('operations')).toContain('URGENT: Our ACE user portal@broker.example last signed in 42 days ago');
    expect(textTo('operations')).toContain('ACE disables it on Thu Jan 14');
  });

  describe('and the weekly ones of managers', () => {
    const LAST_WEEK = { morning: '2026-11-25', week: '2026-11-23' };
    beforeEach(() => {
      cases = [aCase('A', { escalation: 'manager' }), aCase('B')];
    });

    test('go out with the first of the week, even if that is late, and once a week', async () => {
      await send(worker(), LAST_WEEK);
      expect(recipients().filter((to) => to.startsWith('manager@'))).toHaveLength(1);
      const text = textTo('manager');
      expect(text).toContain('Subject: 1 task has waited too long, week of Tue Dec 1');
      expect(text).toContain('- A, Company A');
      expect(text).toContain('Handler: jo.');
      expect(text).not.toContain('Company B');
      expect(text).toContain('7 cases are open. By stage:');
      now = '2026-12-02T13:00:05Z';
      await send(worker(), LAST_WEEK);
      await send(worker(), { morning: '2026-12-01', week: '2026-11-30' });
      expect(recipients().filter((to) => to.startsWith('manager@'))).toHaveLength(1);
    });

    test('say so if nothing has waited too long', async () => {
      cases = [];
      await send(worker(), LAST_WEEK);
      expect(textTo('manager')).toContain('No task has waited so long that it was passed on to you.');
    });
  });
});
