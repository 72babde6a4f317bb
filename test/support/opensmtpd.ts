import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { freePort } from '../../src/process/free-port.js';
import { DELIVER, type Dovecot, mailOwner } from './dovecot.js';

const SMTPD = '/usr/sbin/smtpd';
/** OpenSMTPD has only one for the whole machine, because it has one spool. */
const CONTROL_SOCKET = '/run/smtpd.sock';

/** Prints a message if there is no OpenSMTPD, or if this user may not run it. */
export function openSmtpdIsMissing(): boolean {
  const missing = !existsSync(SMTPD) || process.getuid?.() !== 0;
  if (missing)
    process.stderr.write(
      '\n*** SKIPPED: OpenSMTPD is not installed, or this is not root, so mail does not come through a real mail server. On Debian, as root: apt-get install opensmtpd\n\n',
    );
  return missing;
}

/** A real mail server with queue and retries in front of a Dovecot. */
export interface OpenSmtpd {
  port: number;
  /** Resolves when the server has accepted the message. */
  send(raw: string, to?: string): Promise<void>;
  stop(): Promise<void>;
}

/** Delivers all email, for any recipient, to the Dovecot's mailbox. Waits until no other one runs on this machine. */
export async function startOpenSmtpd(dovecot: Dovecot): Promise<OpenSmtpd> {
  const dir = await mkdtemp(path.join(tmpdir(), 'ace-smtpd-'));
  const port = await freePort();
  const config = path.join(dir, 'smtpd.conf');
  const log = path.join(dir, 'smtpd.log');
  await writeFile(
    config,
    [
      `listen on lo port ${port} hostname mail.broker.example`,
      `action "deliver" mda "${DELIVER} -c ${dovecot.dir}/dovecot.conf -d ace" virtual { "@" = ${mailOwner().name} }`,
      'match from any for any action "deliver"',
      '',
    ].join('\n'),
    { mode: 0o600 },
  );
  const turn = Date.now() + 120_000;
  while (existsSync(CONTROL_SOCKET) && Date.now() < turn) await delay(200);

  const server = spawn('sh', ['-c', `exec ${SMTPD} -d -f ${config} >${log} 2>&1`], { stdio: 'ignore', detached: true });
  const gone = once(server, 'exit');
  const kill = (signal: NodeJS.Signals) => {
    if (server.pid && server.exitCode === null && server.signalCode === null) process.kill(-server.pid, signal);
  };
  const killWithUs = () => kill('SIGTERM');
  process.once('exit', killWithUs);
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    secure: false,
    ignoreTLS: true,
    pool: true,
    maxConnections: 4,
  });
  const deadline = Date.now() + 10_000;
  while (!(await transport.verify().catch(() => false))) {
    if (Date.now() > deadline || server.exitCode !== null)
      throw new Error(`OpenSMTPD did not start:\n${await readFile(log, 'utf8').catch(() => 'no log')}`);
    await delay(50);
  }
  return {
    port,
    async send(raw, to = 'ace@broker.example') {
      await transport.sendMail({ envelope: { from: 'desk@cbp.example', to }, raw });
    },
    async stop() {
      transport.close();
      kill('SIGTERM');
      await Promise.race([gone, delay(5_000)]);
      kill('SIGKILL');
      process.removeListener('exit', killWithUs);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
