import { setTimeout as delay } from 'node:timers/promises';
import { openAcePortal } from '../../../simulator/cbp/ace-portal.js';
import type { MailServers } from '../../../simulator/mail/mail-servers.js';
import { openAccountOwners } from '../../../simulator/people/account-owners.js';
import { openLetterDesk } from '../../../simulator/people/letter-desk.js';
import { openOperators } from '../../../simulator/people/operators.js';
import { BROKER } from '../../../simulator/rehearsal/actors.js';
import { type Application, importerNumbersOf } from '../../../src/application/application.js';
import type { Archive } from '../../../src/archive/archive.js';
import type { ListedOnboarding, OnboardingClient } from '../../../src/client.js';
import type { Moments } from '../moments.js';
import { between, randomStream } from '../random.js';
import type { World } from '../world/world.js';

/** The broker's people and their clients. They use the typed client, as any back office, and try again what fails. */
export interface Office {
  /** The cases as last listed, by reference. */
  readonly rows: ReadonlyMap<string, ListedOnboarding>;
  /** What a start answered, by reference: `started` or `running`, more than once if asked more than once. */
  readonly startAnswers: ReadonlyMap<string, string[]>;
  /** Why the last thing that people tried for a case failed, by reference. */
  readonly refusals: ReadonlyMap<string, string>;
  /** What people did. */
  readonly acts: Map<string, number>;
  /** Starts every client within this time. Resolves when each start was answered. */
  startAll(withinMs: number): Promise<void>;
  stop(): Promise<void>;
}

export interface OfficeOptions {
  world: World;
  clients: readonly Application[];
  client: OnboardingClient;
  archive: Archive;
  approvedByCbp: (importerNumber: string) => boolean;
  seed: number;
  moments: Moments;
}

const LOOK_MS = 400;
const RETRY_MS = 500;
/** A share of the starts is repeated at once, as by a person who clicks twice. */
const TWICE = 0.2;
/** CBP says "we have no such email" only if none was on its way to it for so long. */
const QUIET_MS = 2_000;
/** A client that read nothing is called. */
const CALLED_AFTER_MS = 15_000;

export function openOffice(options: OfficeOptions): Office {
  const { world, clients, client, archive, seed, moments } = options;
  const byReference = new Map(clients.map((one) => [one.reference.toLowerCase(), one]));
  const rows = new Map<string, ListedOnboarding>();
  const startAnswers = new Map<string, string[]>();
  const acts = new Map<string, number>();
  const refusals = new Map<string, string>();
  const busy = new Set<string>();
  const waitingForAccess = new Map<string, number>();
  const stopped = new AbortController();
  const portal = openAcePortal();
  let mailOnItsWay = Date.now();
  const did = (what: string) => acts.set(what, (acts.get(what) ?? 0) + 1);

  const operators = openOperators({
    office: client,
    letters: openLetterDesk(archive),
    portal,
    brokerAceEmail: BROKER.aceEmail,
    desk: {
      hasApplication(importerNumber) {
        const found = world.cbp.received.find(({ importer }) => importer?.importerNumber === importerNumber);
        if (found) return found.at.toISOString();
        if (Date.now() - mailOnItsWay < QUIET_MS) throw new Error('CBP can say that only when no email is on its way.');
        return undefined;
      },
      hasApproved: options.approvedByCbp,
    },
  });
  const owners = openAccountOwners({
    mail: world.mailboxes as unknown as MailServers,
    portal,
    references: clients.map(({ reference }) => reference),
    brokerAceEmail: BROKER.aceEmail,
  });
  owners.onNotice((notice) => {
    const application = byReference.get(notice.reference.toLowerCase());
    if (application && /^grant-/.test(notice.template)) owners.grant(notice, application, 'everything');
  });

  /** A person at the broker calls an account owner who has not read the instructions. */
  const callClient = (row: ListedOnboarding, application: Application) => {
    if (row.stage !== 'awaiting-access-grant' || portal.seenBy(BROKER.aceEmail, application.importerNumber)) return;
    const since = waitingForAccess.get(row.reference) ?? Date.now();
    waitingForAccess.set(row.reference, since);
    if (Date.now() - since < CALLED_AFTER_MS) return;
    did('called a client');
    portal.grant({
      account: application.importerNumber,
      to: BROKER.aceEmail,
      importerNumbers: importerNumbersOf(application),
      role: 'full-access',
    });
  };

  const attendTo = async (row: ListedOnboarding, application: Application) => {
    if (busy.has(row.reference)) return;
    busy.add(row.reference);
    try {
      callClient(row, application);
      const event = await operators.attendTo(row, application);
      for (const what of event?.did ?? []) did(what.split(/[:"]/)[0] ?? what);
    } catch (error) {
      // The list was out of date, or something is down: the next look tries again.
      refusals.set(row.reference, (error as Error).message);
    } finally {
      busy.delete(row.reference);
    }
  };

  const looking = (async () => {
    while (!stopped.signal.aborted) {
      const queued = await world.smtpd.queued();
      if (queued.some(({ to }) => to.toLowerCase() === world.cbp.address.toLowerCase())) mailOnItsWay = Date.now();
      try {
        for await (const row of client.list()) {
          const application = byReference.get(row.reference.toLowerCase());
          if (!application) continue;
          const before = rows.get(row.reference);
          rows.set(row.reference, row);
          if (row.stage === 'submitting' && before?.stage !== 'submitting') moments.happened('submitting');
          if (row.status === 'running') void attendTo(row, application);
        }
      } catch {
        // Temporal is down.
      }
      await delay(LOOK_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();

  const startOne = async (application: Application) => {
    const random = randomStream(seed, `start ${application.reference}`);
    const again = random() < TWICE ? 2 : 1;
    await Promise.all(
      Array.from({ length: again }, async () => {
        while (!stopped.signal.aborted) {
          try {
            const { status } = await client.start(application);
            startAnswers.set(application.reference, [...(startAnswers.get(application.reference) ?? []), status]);
            moments.happened('started');
            return;
          } catch {
            did('tried a start again');
            await delay(RETRY_MS);
          }
        }
      }),
    );
  };

  return {
    rows,
    startAnswers,
    refusals,
    acts,
    async startAll(withinMs) {
      const random = randomStream(seed, 'starts');
      await Promise.all(
        clients.map(async (application) => {
          await delay(between(random, 0, withinMs));
          await startOne(application);
        }),
      );
    },
    async stop() {
      stopped.abort();
      await looking;
    },
  };
}
