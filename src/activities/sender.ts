import type { Archive } from '../archive/archive.js';
import type { SendStop } from '../archive/records.js';
import type { Config } from '../config/config.js';
import { DailyAllowance } from '../mail/outgoing/daily-allowance.js';
import { type FindSentCopy, reconcile, sentFolderOver } from '../mail/outgoing/reconcile.js';
import { knownResult, type OnceOnly, type OutgoingMail, type SendPoint, sendOnce } from '../mail/outgoing/send-once.js';
import { SendingStop } from '../mail/outgoing/sending-stop.js';
import type { Timeouts } from '../mail/outgoing/smtp-session.js';
import type { TokenProvider } from '../mail/outgoing/token-provider.js';
import type { SendResult } from '../workflows/contract/mail-activities.js';
import { whileHeartbeating } from './heartbeats.js';

export interface SenderDependencies {
  archive: Archive;
  config: Pick<Config, 'mail' | 'smtp' | 'imap' | 'live'>;
  logins: TokenProvider;
  now?: () => Date;
  /** Default: the sent folder of the watched mailbox, over IMAP. */
  findSentCopy?: FindSentCopy;
  /** Waits before each look into the sent folder. */
  lookAfterMs?: readonly number[];
  /** Called once each time sending has to stop. */
  alert?: (stop: SendStop) => void;
  warn?: (message: string, error: unknown) => void;
  timeouts?: Timeouts;
  /** Called at the points of a send where tests stop and kill the process. */
  at?: (point: SendPoint) => Promise<void>;
}

/** Sends an email that was composed once: at most once, however often it is called. Throws only what is safe to retry. */
export type SendEmail = (mail: OutgoingMail) => Promise<SendResult>;

const LOOK_AFTER_MS = [500, 5_000, 15_000];
/** After how long one email tests whether a server that refused us accepts us again. */
const PROBE_SECONDS = 300;

/** Sends through a real server, archive, and clock. `send-once.ts` explains what makes it safe. */
export function createSender(dependencies: SenderDependencies): SendEmail {
  const { archive, config, logins } = dependencies;
  const mailbox = config.mail.from;
  const findSentCopy = dependencies.findSentCopy ?? sentFolderOver(config.imap, () => logins.imap());
  const lookAfterMs = dependencies.lookAfterMs ?? LOOK_AFTER_MS;
  const warn = dependencies.warn ?? (() => {});
  const once: Omit<OnceOnly, 'login'> = {
    archive,
    server: {
      host: config.smtp.host,
      port: config.smtp.port,
      security: config.smtp.security,
      live: config.live,
    },
    allowance: new DailyAllowance(archive, mailbox, config.smtp.dailyCap),
    stop: new SendingStop(archive, mailbox, PROBE_SECONDS, dependencies.alert ?? (() => {})),
    now: dependencies.now ?? (() => new Date()),
    warn,
    ...(dependencies.timeouts ? { timeouts: dependencies.timeouts } : {}),
  };

  async function lookIntoSentFolder(mail: OutgoingMail): Promise<SendResult | undefined> {
    try {
      if (!(await reconcile(archive, mail.messageId, findSentCopy, lookAfterMs))) return undefined;
      return await knownResult(archive, mail.messageId);
    } catch (error) {
      warn('It is unknown whether an email was sent, and the sent folder could not be read.', error);
      return undefined;
    }
  }

  return (mail) =>
    whileHeartbeating(async (signal) => {
      const result = await sendOnce({ ...once, login: logins.smtp() }, mail, {
        ...(signal ? { signal } : {}),
        ...(dependencies.at ? { at: dependencies.at } : {}),
      });
      return result.kind === 'unknown' ? ((await lookIntoSentFolder(mail)) ?? result) : result;
    });
}
