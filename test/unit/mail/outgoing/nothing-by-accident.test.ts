import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { read, type SendStop, sendDelays, sendStops, sends } from '../../../../src/archive/records.js';
import { ConfigurationError } from '../../../../src/config/configuration-error.js';
import { DailyAllowance, newYorkDate, secondsUntilTomorrow } from '../../../../src/mail/outgoing/daily-allowance.js';
import { messageIdOf } from '../../../../src/mail/outgoing/message-id.js';
import { aConfig, anOutgoingCase, MAILBOX, WORKFLOW } from './outgoing-case.js';
import { openScriptedSmtp, type ScriptedSmtp } from './scripted-smtp.js';

let smtp: ScriptedSmtp;
beforeEach(async () => {
  smtp = await openScriptedSmtp();
});
afterEach(() => smtp.close());

const MESSAGE_ID = messageIdOf(WORKFLOW, { kind: 'application', attempt: 1, transmission: 1 }, MAILBOX);

describe('without LIVE=true, nothing leaves this machine', () => {
  test.each(['smtp.office365.com', '192.0.2.1', 'localhost.evil.example', '127.0.0.1.evil.example', '0.0.0.0'])(
    'the configuration refuses %s',
    (host) => {
      expect(() => aConfig(25, { SMTP_HOST: host, SMTP_SECURITY: 'tls' })).toThrow(ConfigurationError);
    },
  );

  test('a configuration from elsewhere changes nothing: no connection is made', async () => {
    const { worker, application, config, archive } = await anOutgoingCase(smtp.port);
    const pointedElsewhere = { ...config, smtp: { ...config.smtp, host: 'mail.broker.example' } };
    await expect(worker({ config: pointedElsewhere }).sendApplication(application)).rejects.toMatchObject({
      type: 'server-not-allowed',
    });
    expect(await read(archive, sends, MESSAGE_ID)).toBeUndefined();
  });

  test('with LIVE=true, unencrypted connections are still loopback only', async () => {
    expect(() => aConfig(25, { LIVE: 'true', SMTP_HOST: 'smtp.office365.com', IMAP_SECURITY: 'tls' })).toThrow(
      /SMTP_SECURITY=none/,
    );
    const { worker, application, config } = await anOutgoingCase(smtp.port);
    const clear = { ...config, live: true, smtp: { ...config.smtp, host: 'mail.broker.example' } };
    await expect(worker({ config: clear }).sendApplication(application)).rejects.toMatchObject({
      type: 'server-not-allowed',
    });
  });
});

describe('the daily cap', () => {
  test('lets that many emails out, and the rest wait for the next New York day', async () => {
    let clock = new Date('2026-11-25T15:00:00Z');
    const outgoing = await anOutgoingCase(smtp.port, {
      environment: { MAIL_DAILY_CAP: '3' },
      dependencies: { now: () => clock },
    });
    const write = (ordinal: number) =>
      outgoing.worker().sendNotice(outgoing.notice({ template: 'message', ordinal, facts: { text: 'Hello.' } }));
    for (const ordinal of [1, 2, 3]) expect((await write(ordinal)).result.kind).toBe('accepted');
    const waiting = write(4);
    await expect(waiting).rejects.toMatchObject({
      type: 'daily-cap-reached',
      message: expect.stringContaining('MAIL_DAILY_CAP'),
    });
    const { nextRetryDelay } = await waiting.then(
      () => ({ nextRetryDelay: undefined }),
      (failure: { nextRetryDelay: number }) => failure,
    );
    // From 10:00 to midnight in New York, and up to five minutes more.
    expect(nextRetryDelay).toBeGreaterThan(14 * 3_600_000);
    expect(nextRetryDelay).toBeLessThan(14 * 3_600_000 + 302_000);
    expect(smtp.received).toHaveLength(3);
    clock = new Date('2026-11-26T05:00:00Z');
    expect((await write(4)).result.kind).toBe('accepted');
  });

  test('counts emails, not tries: one that the server did not accept uses nothing up', async () => {
    smtp.script = (point) => (point === 'rcpt' ? { say: '450 4.2.0 later' } : undefined);
    const outgoing = await anOutgoingCase(smtp.port, { environment: { MAIL_DAILY_CAP: '1' } });
    for (let tries = 0; tries < 4; tries++)
      await expect(outgoing.activities.sendApplication(outgoing.application)).rejects.toMatchObject({
        type: 'smtp-unavailable',
      });
    smtp.script = () => undefined;
    expect(await outgoing.activities.sendApplication(outgoing.application)).toMatchObject({ kind: 'accepted' });
  });

  test('applies across several workers at once', async () => {
    const { archive } = await anOutgoingCase(smtp.port);
    const workers = Array.from({ length: 5 }, () => new DailyAllowance(archive, MAILBOX, 23));
    const now = new Date('2026-11-25T15:00:00Z');
    const places = await Promise.all(workers.flatMap((worker) => Array.from({ length: 10 }, () => worker.take(now))));
    const numbers = places.flatMap((place) => (place ? [place.number] : []));
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 23 }, (_, index) => index + 1));
    expect(await new DailyAllowance(archive, MAILBOX, 23).take(now)).toBeUndefined();
    expect(await new DailyAllowance(archive, MAILBOX, 24).take(now)).toMatchObject({ number: 24 });
  });

  test.each([
    ['2026-11-25T04:59:59Z', '2026-11-24', 1],
    ['2026-11-25T05:00:00Z', '2026-11-25', 86_400],
    // Days with a clock change have 23 or 25 hours.
    ['2026-03-08T05:00:00Z', '2026-03-08', 23 * 3_600],
    ['2026-11-01T04:00:00Z', '2026-11-01', 25 * 3_600],
  ])('%s is %s in New York, %i seconds before tomorrow', (at, date, seconds) => {
    expect(newYorkDate(new Date(at))).toBe(date);
    expect(secondsUntilTomorrow(new Date(at))).toBe(seconds);
  });
});

describe('a server that does not accept us', () => {
  const refusing = (text: string) => {
    smtp.extensions = ['AUTH PLAIN LOGIN'];
    smtp.script = (point) => (point === 'auth' ? { say: text } : undefined);
  };
  const withLogin = { SMTP_USER: 'ace', SMTP_PASSWORD: 'wrong' };

  test('stops all sending with one alert instead of one for each email', async () => {
    refusing('535 5.7.8 Authentication credentials invalid');
    const alerts: SendStop[] = [];
    const outgoing = await anOutgoingCase(smtp.port, {
      environment: withLogin,
      dependencies: { alert: (stop) => alerts.push(stop) },
    });
    for (let ordinal = 1; ordinal <= 20; ordinal++)
      await expect(
        outgoing.worker().sendNotice(outgoing.notice({ template: 'message', ordinal, facts: { text: 'Hello.' } })),
      ).rejects.toMatchObject({ type: 'smtp-misconfigured', message: expect.stringContaining('535 5.7.8') });
    expect(alerts).toHaveLength(1);
    expect(smtp.sessions).toHaveLength(1);
  });

  test('is probed with one email every five minutes, and sending resumes automatically', async () => {
    refusing('535 5.7.8 Authentication credentials invalid');
    let clock = new Date('2026-11-25T15:00:00Z');
    const outgoing = await anOutgoingCase(smtp.port, { environment: withLogin, dependencies: { now: () => clock } });
    const write = (ordinal: number) =>
      outgoing.worker().sendNotice(outgoing.notice({ template: 'message', ordinal, facts: { text: 'Hello.' } }));
    await expect(write(1)).rejects.toMatchObject({ type: 'smtp-misconfigured' });
    clock = new Date('2026-11-25T15:05:01Z');
    await expect(write(1)).rejects.toMatchObject({ type: 'smtp-misconfigured' });
    await expect(write(2)).rejects.toMatchObject({ type: 'smtp-misconfigured' });
    expect(smtp.sessions).toHaveLength(2);
    expect(await read(outgoing.archive, sendStops, MAILBOX)).toMatchObject({ since: '2026-11-25T15:00:00.000Z' });
    smtp.script = () => undefined;
    clock = new Date('2026-11-25T15:11:00Z');
    expect((await write(1)).result.kind).toBe('accepted');
    expect((await write(2)).result.kind).toBe('accepted');
    expect(await read(outgoing.archive, sendStops, MAILBOX)).toBeUndefined();
  });

  test('that is temporary stops nothing, and its start is on record until the server accepts an email', async () => {
    let clock = new Date('2026-11-25T15:00:00Z');
    refusing('454 4.7.0 Temporary authentication failure');
    const outgoing = await anOutgoingCase(smtp.port, { environment: withLogin, dependencies: { now: () => clock } });
    const write = () =>
      outgoing.worker().sendNotice(outgoing.notice({ template: 'message', ordinal: 1, facts: { text: 'Hello.' } }));
    await expect(write()).rejects.toMatchObject({ type: 'smtp-unavailable' });
    clock = new Date('2026-11-25T16:00:00Z');
    await expect(write()).rejects.toMatchObject({ type: 'smtp-unavailable' });
    expect(await read(outgoing.archive, sendDelays, MAILBOX)).toMatchObject({ since: '2026-11-25T15:00:00.000Z' });
    smtp.script = () => undefined;
    expect((await write()).result.kind).toBe('accepted');
    expect(await read(outgoing.archive, sendDelays, MAILBOX)).toBeUndefined();
  });

  test('for a moment (454) stops nothing', async () => {
    refusing('454 4.7.0 Temporary authentication failure');
    const outgoing = await anOutgoingCase(smtp.port, { environment: withLogin });
    await expect(outgoing.activities.sendApplication(outgoing.application)).rejects.toMatchObject({
      type: 'smtp-unavailable',
    });
    expect(await read(outgoing.archive, sendStops, MAILBOX)).toBeUndefined();
  });
});

describe('in an activity', () => {
  test('canceling stops a dialogue before the body, and the email is certainly not sent', async () => {
    smtp.script = (point) => (point === 'data' ? 'silence' : undefined);
    const { activities, application, archive } = await anOutgoingCase(smtp.port);
    const environment = new MockActivityEnvironment();
    const sending = environment.run(activities.sendApplication, application);
    await expect.poll(() => smtp.sessions[0]?.commands.at(-1)).toBe('DATA');
    environment.cancel();
    await expect(sending).rejects.toThrow(/cancel/i);
    expect(await read(archive, sends, MESSAGE_ID)).toBeUndefined();
    smtp.script = () => undefined;
    expect(await activities.sendApplication(application)).toMatchObject({ kind: 'accepted' });
  });

  test('canceling after the server asked for the body does not cut it short', async () => {
    const environment = new MockActivityEnvironment();
    const { worker, application } = await anOutgoingCase(smtp.port);
    const activities = worker({
      at: async (point) => {
        if (point === 'before-end') environment.cancel();
      },
    });
    expect(await environment.run(activities.sendApplication, application)).toMatchObject({ kind: 'accepted' });
    expect(smtp.received).toHaveLength(1);
  });

  test('it heartbeats', async () => {
    const environment = new MockActivityEnvironment();
    let heartbeats = 0;
    environment.on('heartbeat', () => heartbeats++);
    const { activities, application } = await anOutgoingCase(smtp.port);
    await environment.run(activities.sendApplication, application);
    expect(heartbeats).toBeGreaterThan(0);
  });

  test('failures, which workers log, contain no email address', async () => {
    smtp.script = (point, _session, argument) =>
      point === 'rcpt' ? { say: `450 4.2.1 <${argument}>: try later` } : undefined;
    const outgoing = await anOutgoingCase(smtp.port);
    const sending = outgoing.activities.sendNotice(outgoing.notice());
    await expect(sending).rejects.toThrow(/^(?!.*jane@client)/s);
    await expect(sending).rejects.toThrow(/450 4\.2\.1/);
  });
});
