import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import { freePort } from '../../src/process/free-port.js';
import { DELIVER, type Dovecot, mailOwner } from './dovecot.js';

const SMTPD = '/usr/sbin/smtpd';

/** Prints a message if there is no OpenSMTPD, or if this user may not run it. */
export function openSmtpdIsMissing(): boolean {
  const missing = !existsSync(SMTPD) || spawnSync('unshare', ['--mount', 'true']).status !== 0;
  if (missing)
    process.stderr.write(
      '\n*** SKIPPED: OpenSMTPD is not installed, or this user may not mount its folders (root may), so mail does not come through a real mail server. On Debian, as root: apt-get install opensmtpd\n\n',
    );
  return missing;
}

/** A real mail server with queue and retries in front of a Dovecot. */
export interface OpenSmtpd {
  port: number;
  /** Where its log and its spool are. */
  dir: string;
  /** Resolves when the server has accepted the message. */
  send(raw: string | Buffer, to?: string | string[], from?: string): Promise<void>;
  /** What it wrote to its log since the first start. */
  log(): Promise<string>;
  /** The envelopes that it accepted and has not delivered. */
  queued(): Promise<QueuedEnvelope[]>;
  /** Tries to deliver the queue now, without its pauses. */
  flush(): Promise<void>;
  /** SIGKILL to all its processes. The queue stays on disk. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface QueuedEnvelope {
  /** The server's own: 8 hex digits of the message, 8 of the envelope. */
  id: string;
  to: string;
}

export interface OpenSmtpdOptions {
  /** Where email for some addresses goes, first match: an extended regular expression, and a user of the Dovecot. */
  routes?: readonly { address: string; user: string }[];
  /** The Dovecot's user who gets all other email (default `ace`). */
  otherwise?: string;
}

/**
 * Delivers all email, for any recipient, to the Dovecot's mailboxes. OpenSMTPD knows only one spool, so each one gets a
 * view of the file system in which that is its own folder.
 */
export async function startOpenSmtpd(dovecot: Dovecot, options: OpenSmtpdOptions = {}): Promise<OpenSmtpd> {
  const dir = await mkdtemp(path.join(tmpdir(), 'ace-smtpd-'));
  const port = await freePort();
  const config = path.join(dir, 'smtpd.conf');
  const logFile = path.join(dir, 'smtpd.log');
  const spool = path.join(dir, 'spool');
  for (const folder of [spool, path.join(dir, 'run')]) await mkdir(folder, { mode: 0o711 });
  await writeFile(config, configuration(dovecot, port, options), { mode: 0o600 });
  const within = ['--mount', 'sh', '-c', VIEW, 'sh', dir];

  const launch = () =>
    spawn('unshare', [...within, `exec ${SMTPD} -d -f ${config} >>${logFile} 2>&1`], {
      stdio: 'ignore',
      detached: true,
    });
  let server: ReturnType<typeof launch> | undefined;
  /** To all its processes. */
  const signal = (name: NodeJS.Signals, to = server) => {
    if (to?.pid && to.exitCode === null && to.signalCode === null) process.kill(-to.pid, name);
  };
  const end = async (name: NodeJS.Signals) => {
    const ending = server;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = once(ending, 'exit');
    signal(name, ending);
    await Promise.race([gone, delay(5_000, undefined, { ref: false }).then(() => signal('SIGKILL', ending))]);
    await gone;
  };
  const killWithUs = () => signal('SIGKILL');
  process.once('exit', killWithUs);
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    secure: false,
    ignoreTLS: true,
    pool: true,
    maxConnections: 4,
  });

  const control = (command: string) => promisify(execFile)('unshare', [...within, `exec smtpctl ${command}`]);

  const smtpd: OpenSmtpd = {
    port,
    dir,
    async send(raw, to = 'ace@broker.example', from = 'desk@cbp.example') {
      await transport.sendMail({ envelope: { from, to }, raw });
    },
    log: () => readFile(logFile, 'utf8'),
    async queued() {
      const found: QueuedEnvelope[] = [];
      const queue = path.join(spool, 'smtpd', 'queue');
      for (const file of await readdir(queue, { recursive: true }).catch(() => [])) {
        const id = path.basename(file);
        if (!/^[0-9a-f]{16}$/.test(id)) continue;
        const envelope = await readFile(path.join(queue, file), 'utf8').catch(() => ''); // Delivered meanwhile.
        if (envelope) found.push({ id, to: /^rcpt: (.*)$/m.exec(envelope)?.[1] ?? '' });
      }
      return found;
    },
    async flush() {
      await control('schedule all');
    },
    kill: () => end('SIGKILL'),
    async start() {
      await appendFile(logFile, '');
      server = launch();
      const deadline = Date.now() + 10_000;
      const answers = async () => (await transport.verify()) && (await control('show status'));
      while (!(await answers().catch(() => false))) {
        if (Date.now() > deadline || server.exitCode !== null)
          throw new Error(`OpenSMTPD did not start:\n${await smtpd.log()}`);
        await delay(50);
      }
    },
    async stop() {
      transport.close();
      await end('SIGTERM');
      process.removeListener('exit', killWithUs);
      await rm(dir, { recursive: true, force: true });
    },
  };
  await smtpd.start();
  return smtpd;
}

/** Its spool and its socket are in its own folder ($1); then runs a command ($2). */
const VIEW = 'mount --bind "$1/spool" /var/spool && mount --bind "$1/run" /run && eval "$2"';

function configuration(dovecot: Dovecot, port: number, { routes = [], otherwise = 'ace' }: OpenSmtpdOptions): string {
  const action = (name: string, user: string) =>
    `action "${name}" mda "${DELIVER} -c ${dovecot.dir}/dovecot.conf -d ${user}" virtual { "@" = ${mailOwner().name} }`;
  return [
    `listen on lo port ${port} hostname mail.broker.example`,
    ...routes.map(({ user }, index) => action(`route-${index}`, user)),
    action('otherwise', otherwise),
    ...routes.map(({ address }, index) => `match from any for rcpt-to regex "${address}" action "route-${index}"`),
    'match from any for any action "otherwise"',
    '',
  ].join('\n');
}
