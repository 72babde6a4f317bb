import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ImapSettings } from '../../src/mail/incoming/mailbox/imap-session.js';
import { freePort } from '../../src/process/free-port.js';

const DOVECOT = '/usr/sbin/dovecot';
export const DELIVER = '/usr/lib/dovecot/dovecot-lda';

/** Prints a message if there is no Dovecot: a skipped test must not look like a passed one. */
export function dovecotIsMissing(): boolean {
  const missing = !existsSync(DOVECOT) || !existsSync(DELIVER);
  if (missing)
    process.stderr.write(
      '\n*** SKIPPED: Dovecot is not installed, so receiving mail is not tested against a real server. On Debian: apt-get install dovecot-imapd\n\n',
    );
  return missing;
}

/** A Dovecot for one test, in its own folder, on a free loopback port. Everything here is about its user `ace`. */
export interface Dovecot {
  port: number;
  /** Where its files are. The configuration is `dovecot.conf`. */
  dir: string;
  settings(change?: Partial<ImapSettings>): ImapSettings;
  /** Delivers through Dovecot's own delivery agent, like a mail server. */
  deliver(raw: string | Uint8Array): Promise<void>;
  /** Writes directly into a mail folder, for many at once. `folder` is a name such as `Junk`; default: the inbox. */
  drop(raw: string | Uint8Array, folder?: string): Promise<void>;
  /** The messages in a folder, as its user sees them. */
  messagesIn(folder: string): Promise<string[]>;
  count(folder: string): Promise<number>;
  /** Removes every message. */
  emptyFolders(): Promise<void>;
  /** How many connections are logged in. */
  sessions(): Promise<number>;
  start(): Promise<void>;
  /** SIGKILL to the whole process group, so sessions die with the server. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open but silent. */
  freeze(): void;
  thaw(): void;
  /** While stopped: makes all current UIDs of the folder invalid. */
  changeUidValidity(folder: string): Promise<void>;
  /** Makes a folder refuse or accept email. */
  lock(folder: string): Promise<void>;
  unlock(folder: string): Promise<void>;
  stop(): Promise<void>;
}

export interface DovecotOptions {
  /** The capabilities it announces. It supports the others anyway. Default: all. */
  capability?: string;
  /** More users, each with a mailbox in `mail/<user>` and the password of `ace`. */
  users?: readonly string[];
}

export async function startDovecot(options: DovecotOptions = {}): Promise<Dovecot> {
  const dir = await mkdtemp(path.join(tmpdir(), 'ace-dovecot-'));
  await chmod(dir, 0o755);
  const owner = mailOwner();
  const port = await freePort();
  const home = path.join(dir, 'mail', 'ace');
  await mkdir(home, { recursive: true });
  const users = ['ace', ...(options.users ?? [])];
  await writeFile(path.join(dir, 'users'), users.map((user) => `${user}:{PLAIN}secret\n`).join(''));
  await writeFile(path.join(dir, 'dovecot.conf'), configuration(dir, port, owner.name, options));
  await writeFile(path.join(dir, 'dovecot.log'), '');
  await chmod(path.join(dir, 'dovecot.log'), 0o666);
  await chown(path.join(dir, 'mail'), owner.uid, owner.gid);
  await chown(home, owner.uid, owner.gid);

  let server: ChildProcess | undefined;
  const group = (signal: NodeJS.Signals) => {
    if (server?.pid && server.exitCode === null && server.signalCode === null) process.kill(-server.pid, signal);
  };
  const killWithUs = () => group('SIGKILL');
  process.once('exit', killWithUs);

  const dovecot: Dovecot = {
    port,
    dir,

    settings: (change = {}) => ({
      host: '127.0.0.1',
      port,
      security: 'none',
      user: 'ace',
      credentials: async () => ({ password: 'secret' }),
      inbox: 'INBOX',
      processed: 'Processed',
      review: 'Review',
      sweepSeconds: 60,
      ...change,
    }),

    async deliver(raw) {
      await feed(DELIVER, ['-c', path.join(dir, 'dovecot.conf'), '-d', 'ace'], raw);
    },

    async drop(raw, folder = 'INBOX') {
      const at = maildir(home, folder);
      for (const part of ['', 'tmp', 'new', 'cur']) {
        const sub = path.join(at, part);
        if (existsSync(sub)) continue;
        await mkdir(sub, { recursive: true });
        await chown(sub, owner.uid, owner.gid);
      }
      dropped += 1;
      const name = `${Date.now()}.${process.pid}_${dropped}.test`;
      await writeFile(path.join(at, 'tmp', name), raw);
      await chown(path.join(at, 'tmp', name), owner.uid, owner.gid);
      await rename(path.join(at, 'tmp', name), path.join(at, 'new', name));
    },

    async count(folder) {
      const parts = ['new', 'cur'].map((part) => readdir(path.join(maildir(home, folder), part)).catch(() => []));
      return (await Promise.all(parts)).flat().length;
    },

    async messagesIn(folder) {
      const found: string[] = [];
      for (const part of ['new', 'cur']) {
        const at = path.join(maildir(home, folder), part);
        for (const file of await readdir(at).catch(() => [])) {
          found.push(await readFile(path.join(at, file), 'latin1').catch(() => ''));
        }
      }
      return found;
    },

    async emptyFolders() {
      for (const folder of await readdir(home)) {
        const at = folder.startsWith('.') ? path.join(home, folder) : home;
        for (const part of ['new', 'cur'])
          for (const file of await readdir(path.join(at, part)).catch(() => []))
            await rm(path.join(at, part, file), { force: true });
      }
    },

    async sessions() {
      const who = ['-c', path.join(dir, 'dovecot.conf'), 'who', '-1'];
      const { stdout } = await promisify(execFile)('doveadm', who);
      return stdout.split('\n').filter((line) => line.startsWith('ace')).length;
    },

    async start() {
      server = spawn(DOVECOT, ['-F', '-c', path.join(dir, 'dovecot.conf')], { stdio: 'ignore', detached: true });
      const deadline = Date.now() + 10_000;
      while (!(await answers(port))) {
        if (Date.now() > deadline || server.exitCode !== null)
          throw new Error(
            `Dovecot did not start: ${await readFile(path.join(dir, 'dovecot.log'), 'utf8').catch(() => 'no log')}`,
          );
        await delay(20);
      }
    },

    async kill() {
      const gone = server && server.exitCode === null && server.signalCode === null ? once(server, 'exit') : undefined;
      group('SIGCONT');
      group('SIGKILL');
      await gone;
      await rm(path.join(dir, 'run'), { recursive: true, force: true });
    },

    freeze: () => group('SIGSTOP'),
    thaw: () => group('SIGCONT'),

    async changeUidValidity(folder) {
      const at = maildir(home, folder);
      const list = path.join(at, 'dovecot-uidlist');
      const lines = (await readFile(list, 'utf8')).split('\n');
      const validity = Number(/ V(\d+)/.exec(lines[0] ?? '')?.[1]);
      // Only the header: Dovecot numbers the messages again.
      await writeFile(list, `3 V${validity + 1} N1 G${randomBytes(16).toString('hex')}\n`);
      for (const file of await readdir(at)) if (file.startsWith('dovecot.index')) await rm(path.join(at, file));
    },

    // The owner, not the mode: under root, Dovecot's mail processes run as a different user.
    lock: async (folder) => {
      for (const part of ['', 'tmp', 'new', 'cur']) await chmod(path.join(maildir(home, folder), part), 0o500);
    },
    unlock: async (folder) => {
      for (const part of ['', 'tmp', 'new', 'cur']) await chmod(path.join(maildir(home, folder), part), 0o700);
    },

    async stop() {
      await dovecot.kill();
      process.removeListener('exit', killWithUs);
      await rm(dir, { recursive: true, force: true });
    },
  };
  await dovecot.start();
  return dovecot;
}

let dropped = 0;

/**
 * Runs a program with this input, and waits for its end.
 * @throws Error with its status and what it said on stderr, whether or not it read the input
 */
export async function feed(program: string, args: string[], input: string | Uint8Array): Promise<void> {
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  const [ended, said] = await Promise.all([
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
    text(child.stderr),
    // Fails if the program ends before it has read everything. Its status says whether that matters.
    pipeline([input], child.stdin).catch(() => undefined),
  ]);
  const status = ended[0] ?? ended[1];
  if (status !== 0) throw new Error(`${path.basename(program)} ended with ${status}: ${said}`);
}

/** Dovecot never accesses mail as root. Under root it uses the user nobody, otherwise the current user. */
export function mailOwner(): { name: string; uid: number; gid: number } {
  const self = userInfo();
  if (self.uid !== 0) return { name: self.username, uid: self.uid, gid: self.gid };
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { name: 'nobody', uid: id('-u'), gid: id('-g') };
}

function maildir(home: string, folder: string): string {
  return folder === 'INBOX' ? home : path.join(home, `.${folder}`);
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'data', { signal: AbortSignal.timeout(1_000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function configuration(dir: string, port: number, owner: string, { capability }: DovecotOptions): string {
  const asRoot = process.getuid?.() === 0;
  return `
base_dir = ${dir}/run
log_path = ${dir}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:${dir}/mail/%u
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = ${asRoot ? 'dovecot' : owner}
default_login_user = ${asRoot ? 'dovenull' : owner}
passdb {
  driver = passwd-file
  args = scheme=PLAIN ${dir}/users
}
userdb {
  driver = static
  args = uid=${owner} gid=${mailOwner().gid} home=${dir}/mail/%u
}
namespace inbox {
  inbox = yes
  mailbox Junk {
    special_use = \\Junk
    auto = create
  }
}
service imap-login {
  ${asRoot ? '' : 'chroot ='}
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  ${asRoot ? '' : 'chroot ='}
  # No delay after a refused login: the next test uses the same address.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
# The delivery agent runs as the mail's owner, who looks up the mailbox here.
service auth {
  unix_listener auth-userdb {
    mode = 0666
  }
}
service stats {
  ${asRoot ? '' : 'chroot ='}
  unix_listener stats-writer {
    mode = 0666
  }
}
# Many tests log in from one address at once.
mail_max_userip_connections = 100
auth_failure_delay = 0
${capability ? `imap_capability = ${capability}` : ''}
`;
}
