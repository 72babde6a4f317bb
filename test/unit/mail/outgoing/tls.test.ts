import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { outcomeOf } from '../../../../src/mail/outgoing/send-outcome.js';
import { type SmtpServer, transmit } from '../../../../src/mail/outgoing/smtp-session.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { CBP, MAILBOX, PATIENT } from './outgoing-case.js';
import { openScriptedSmtp, type ScriptedSmtp } from './scripted-smtp.js';

/** A key and a self-signed certificate for 127.0.0.1. Undefined if openssl is missing. */
function selfSigned(): { key: string; cert: string } | undefined {
  const directory = temporaryFolder('tls');
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const subject = ['-subj', '/CN=mail.scripted.example', '-addext', 'subjectAltName=IP:127.0.0.1'];
  try {
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...subject],
      {
        stdio: 'ignore',
      },
    );
  } catch {
    process.stderr.write('\n*** SKIPPED: openssl is not installed, so TLS of outgoing mail is not tested.\n\n');
    return undefined;
  }
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

const tls = selfSigned();
const MESSAGE = Buffer.from('Message-ID: <m@broker.example>\r\nSubject: x\r\n\r\nSecret text\r\n');

let smtp: ScriptedSmtp;
beforeEach(async () => {
  smtp = await openScriptedSmtp(tls ? { tls } : {});
});
afterEach(() => smtp.close());

async function send(server: Partial<SmtpServer>) {
  let claimed = false;
  const dialogue = await transmit(
    { host: '127.0.0.1', port: smtp.port, security: 'starttls', live: false, ...server },
    { kind: 'password', user: 'ace', password: 'hush' },
    {
      envelope: { from: MAILBOX, to: [CBP] },
      recipient: CBP,
      bytes: MESSAGE,
      beforeBody: async () => {
        claimed = true;
        return 'go';
      },
      beforeEnd: async () => 'go',
    },
    PATIENT,
  );
  return { outcome: outcomeOf(dialogue), claimed, commands: smtp.sessions[0]?.commands ?? [] };
}

describe.skipIf(!tls)('encryption', () => {
  test('a certificate from a trusted authority: sent', async () => {
    smtp.extensions = ['AUTH PLAIN'];
    expect(await send({ ca: tls?.cert ?? '' })).toMatchObject({ outcome: { kind: 'accepted' } });
    expect(smtp.received).toHaveLength(1);
  });

  test('an untrusted certificate: no password and no message is sent, and a person is needed', async () => {
    smtp.extensions = ['AUTH PLAIN'];
    const { outcome, claimed, commands } = await send({});
    expect(outcome).toMatchObject({ kind: 'misconfigured', reason: expect.stringContaining('certificate') });
    expect(claimed).toBe(false);
    expect(commands.some((command) => /^(AUTH|MAIL)/.test(command))).toBe(false);
  });

  test('a certificate for another name: likewise', async () => {
    const { outcome } = await send({ ca: tls?.cert ?? '', host: 'localhost' });
    expect(outcome.kind).toBe('misconfigured');
  });
});

test('a server, or someone in between, that does not offer STARTTLS gets neither password nor message', async () => {
  smtp.script = (point) => (point === 'starttls' ? { say: '502 5.5.1 not here' } : undefined);
  const { outcome, commands } = await send({});
  expect(outcome.kind).toBe('misconfigured');
  expect(commands.some((command) => /^(AUTH|MAIL)/.test(command))).toBe(false);
});
