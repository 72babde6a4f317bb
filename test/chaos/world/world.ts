import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Cbp, openCbp } from '../../../simulator/cbp/cbp.js';
import { clientEnvironment, demoEnvironment, withoutSettings } from '../../../simulator/demo/demo-environment.js';
import { type DevServer, startDevServer } from '../../../simulator/dev-server/dev-server.js';
import { findTemporalCli } from '../../../simulator/dev-server/temporal-cli.js';
import type { MailServers } from '../../../simulator/mail/mail-servers.js';
import { BROKER } from '../../../simulator/rehearsal/actors.js';
import type { Application } from '../../../src/application/application.js';
import { makeKeyFile } from '../../../src/encryption/key-file.js';
import { CACHE_DIR } from '../../support/checkout.js';
import { type Dovecot, startDovecot } from '../../support/dovecot.js';
import { type OpenSmtpd, startOpenSmtpd } from '../../support/opensmtpd.js';
import { type SmallDisk, smallDisk, smallDisksAreMissing } from '../../support/small-disk.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';
import { DELETES_SOON } from '../../support/temporal-dev-server.js';
import type { Moments } from '../moments.js';
import { type DotFault, startDotProxy } from './dot-proxy.js';
import { CBP_USER, type Mailboxes, OTHERS_USER, openMailboxes, type PeoplesMail } from './mailboxes.js';
import { WorkerSlot } from './worker-slot.js';

/** Everything that the product runs on, real: Temporal, Dovecot, OpenSMTPD, a disk of its own, several workers. */
export interface World {
  folder: string;
  /** Settings for clients and commands, as a person would have them. */
  settings: Record<string, string>;
  dovecot: Dovecot;
  smtpd: OpenSmtpd;
  mailboxes: Mailboxes;
  cbp: Cbp;
  workers: WorkerSlot[];
  /** The proxies of each worker. */
  links: { smtp: TcpProxy; imap: TcpProxy; loseNextMove: () => void }[];
  /** Undefined where this user may not mount: then no disk can be full. */
  disk: SmallDisk | undefined;
  temporal: { kill(): Promise<void>; start(): Promise<void> };
  /** Stops everything. What is in `folder` stays. */
  stop(): Promise<void>;
}

export interface WorldOptions {
  clients: readonly Application[];
  workers: number;
  /** The product's folder with `dist`. */
  checkout: string;
  secondsPerBusinessDay: number;
  moments: Moments;
  /** What happens to emails on their way to the broker. */
  duplicating: (mail: PeoplesMail) => PeoplesMail;
  faultAtDot: (email: { recipients: string[] }) => DotFault | undefined;
  onDotFault: (fault: DotFault) => void;
  onDotMissed: (fault: DotFault) => void;
}

const ARCHIVE_BYTES = 256 * 2 ** 20;

export async function openWorld(options: WorldOptions): Promise<World> {
  const { moments } = options;
  const folder = await mkdtemp(path.join(tmpdir(), 'ace-chaos-'));
  const closers: (() => unknown)[] = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const disk = smallDisksAreMissing() ? undefined : smallDisk(ARCHIVE_BYTES, path.join(folder, 'disk'));
    const places = {
      temporalAddress: '',
      uiUrl: 'http://127.0.0.1:8233',
      archiveDir: path.join(folder, 'disk', 'archive'),
      importerKeyFile: path.join(folder, 'importer-key'),
      encryptionKeysFile: path.join(folder, 'encryption-keys'),
    };
    await makeKeyFile(places.encryptionKeysFile);

    const temporal = await restartableTemporal(folder);
    closers.push(() => temporal.kill());
    const dovecot = await startDovecot({ users: [CBP_USER, OTHERS_USER] });
    closers.push(() => dovecot.stop());
    const smtpd = await startOpenSmtpd(dovecot, { routes: ROUTES, otherwise: OTHERS_USER });
    closers.push(() => smtpd.stop());
    closers.push(() => keep(folder, dovecot, smtpd));
    const mailboxes = openMailboxes(dovecot, smtpd);
    closers.push(() => mailboxes.stop());
    const cbp = openCbp({
      // CBP only sends and reads.
      mail: options.duplicating(mailboxes) as unknown as MailServers,
      onFile: options.clients.map((client) => ({
        importerNumber: client.importerNumber,
        company: client.company.legalName,
        accountOwnerEmail: client.accountOwner.email,
      })),
    });
    const dnsRecordsFile = path.join(folder, 'dns-records.json');
    await writeFile(dnsRecordsFile, JSON.stringify(cbp.dnsRecords));

    const settings = {
      ...clientEnvironment({ ...places, temporalAddress: temporal.address() }),
      TEMPORAL_CONFIG_FILE: path.join(folder, 'no-profile.toml'),
    };
    await writeFile(settings.TEMPORAL_CONFIG_FILE, '[profile.default]\n');
    const workers: WorkerSlot[] = [];
    const links: World['links'] = [];
    for (let index = 0; index < options.workers; index++) {
      const smtp = await startDotProxy({
        target: smtpd.port,
        faultFor: options.faultAtDot,
        onFault: options.onDotFault,
        onMissed: options.onDotMissed,
        kill: () => workers[index]?.kill(),
        onBody: () => moments.happened('body'),
        onDot: () => moments.happened('dot'),
      });
      closers.push(() => smtp.close());
      let losing: 'nothing' | 'next' | 'now' = 'nothing';
      const imap: TcpProxy = await startTcpProxy(dovecot.port, {
        toServer: (said) => {
          if (!/ MOVE /.test(said)) return said;
          moments.happened('move');
          if (losing === 'next') losing = 'now';
          return said;
        },
        toClient: (said) => {
          if (losing !== 'now') return said;
          losing = 'nothing';
          imap.cut();
          return undefined;
        },
      });
      closers.push(() => imap.close());
      const loseNextMove = () => {
        losing = 'next';
      };
      links.push({ smtp, imap, loseNextMove });
      const mail = {
        host: '127.0.0.1',
        smtp: { port: smtp.port },
        imap: { port: imap.port, user: 'ace', password: 'secret' },
      } as MailServers;
      const { secondsPerBusinessDay } = options;
      workers.push(
        new WorkerSlot({
          checkout: options.checkout,
          logFile: path.join(folder, `worker-${index + 1}.log`),
          env: {
            ...withoutSettings(process.env),
            ...demoEnvironment({
              ...places,
              temporalAddress: temporal.address(),
              dnsRecordsFile,
              mail,
              secondsPerBusinessDay,
            }),
            ...settings,
            SEND_RECONCILE_SECONDS: '5',
          },
        }),
      );
    }
    closers.push(() => Promise.all(workers.map((worker) => worker.stop())));
    return { folder, settings, dovecot, smtpd, mailboxes, cbp, workers, links, disk, temporal, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The watched mailbox with its reply aliases, and CBP's. */
const ROUTES = [
  { address: `^${BROKER.mailbox.replace('@', '([+][^@]*)?@')}$`, user: 'ace' },
  { address: '^ace\\.applications@cbp\\.dhs\\.gov$', user: CBP_USER },
];

async function restartableTemporal(folder: string) {
  const cli = await findTemporalCli({ cacheDir: CACHE_DIR });
  if (!cli) throw new Error('The Temporal dev server is not installed. Run: npm run setup');
  const begin = (port?: number) =>
    startDevServer({
      executable: cli.path,
      logFile: path.join(folder, 'temporal.log'),
      db: path.join(folder, 'temporal.db'),
      dynamicConfig: DELETES_SOON,
      ...(port === undefined ? {} : { port }),
    });
  let server: DevServer | undefined = await begin();
  const { address, port } = server;
  return {
    address: () => address,
    async kill() {
      await server?.kill();
      server = undefined;
    },
    async start() {
      server ??= await begin(port);
    },
  };
}

/** Mail servers remove their folders when they stop: what they have belongs to the evidence. */
async function keep(folder: string, dovecot: Dovecot, smtpd: OpenSmtpd): Promise<void> {
  await mkdir(path.join(folder, 'mail'), { recursive: true });
  const copy = promisify(execFile);
  await copy('cp', [
    '-a',
    path.join(dovecot.dir, 'mail'),
    path.join(dovecot.dir, 'dovecot.log'),
    path.join(folder, 'mail'),
  ]);
  await copy('cp', ['-a', smtpd.dir, path.join(folder, 'mail', 'smtpd')]);
}

/** Copies everything of a run: logs, databases, mailboxes, spool, archive. */
export async function keepEvidence(folder: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await promisify(execFile)('cp', ['-a', `${folder}/.`, to]);
}
