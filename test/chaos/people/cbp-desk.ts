import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Cbp, ReceivedApplication } from '../../../simulator/cbp/cbp.js';
import type { Dovecot } from '../../support/dovecot.js';
import type { Moments } from '../moments.js';
import { between, type Random, randomStream } from '../random.js';
import { CBP_USER, type Mailboxes, type PeoplesMail } from '../world/mailboxes.js';

/** What the mail between CBP and the broker suffers. */
export interface MailFaults {
  duplicated: number;
  reordered: number;
  /** Applications that CBP's mail server delivered twice. */
  applicationsCopied: number;
}

const DUPLICATED = 0.15;
const REORDERED = 0.25;
const COPIED = 0.1;
/** A wording that the broker has not seen: the first is decided and taught by people, and later ones act by themselves. */
const NEW_WORDING = 0.25;
const NEW_THREAD = 0.2;

/** CBP's mail server on the way to the broker: now and then it delivers an email twice. */
export function duplicating(mail: PeoplesMail, seed: number, faults: MailFaults): PeoplesMail {
  const random = randomStream(seed, 'duplicated mail');
  return {
    onMail: (listener) => mail.onMail(listener),
    send(one) {
      mail.send(one);
      if (random() >= DUPLICATED) return;
      faults.duplicated += 1;
      mail.send(one);
    },
  };
}

export interface CbpDeskOptions {
  cbp: Cbp;
  seed: number;
  moments: Moments;
  faults: MailFaults;
}

/** CBP's desk: answers each application that it finds, whatever its Message-ID, with an acknowledgment and a decision. */
export function openCbpDesk({ cbp, seed, moments, faults }: CbpDeskOptions): {
  approved(importerNumber: string): boolean;
} {
  const approved = new Set<string>();
  const copies = new Map<string, number>();
  const answer = async (application: ReceivedApplication, random: Random) => {
    const number = application.importer?.importerNumber;
    if (!number) return;
    const isNew = random() < NEW_WORDING;
    const decisionAfter = between(random, 500, 5_000);
    const early = between(random, 100, 1_500);
    const reordered = random() < REORDERED;
    const thread = !isNew && random() < NEW_THREAD ? 'new' : 'reply';
    if (reordered) faults.reordered += 1;
    setTimeout(() => void cbp.write('acknowledgement', application), reordered ? decisionAfter + early : early);
    setTimeout(
      () => {
        approved.add(number);
        void cbp
          .write(isNew ? 'approval-notice' : 'approval-welcome', application, { thread })
          .then(() => moments.happened('decision'));
      },
      decisionAfter + (reordered ? 0 : early),
    );
  };
  cbp.onApplication((application) => {
    const number = application.importer?.importerNumber ?? application.subject;
    const nth = (copies.get(number) ?? 0) + 1;
    copies.set(number, nth);
    void answer(application, randomStream(seed, `CBP answers ${number} ${nth}`));
  });
  return { approved: (importerNumber) => approved.has(importerNumber) };
}

/** CBP's own mail server now and then puts an application into the mailbox twice. */
export function copyApplications(mailboxes: Mailboxes, dovecot: Dovecot, seed: number, faults: MailFaults): void {
  const copied = new Set<string>();
  mailboxes.onMail((mail) => {
    const filename = attachmentOf(mail.raw);
    if (!filename || copied.has(filename) || randomStream(seed, `copied ${filename}`)() >= COPIED) return;
    copied.add(filename);
    faults.applicationsCopied += 1;
    void writeFile(path.join(dovecot.dir, 'mail', CBP_USER, 'new', `${Date.now()}.copy_${copied.size}.test`), mail.raw);
  });
}

/** The reference in the name of the attached form. */
export function attachmentOf(raw: Buffer): string | undefined {
  return /filename="?ace-application-([A-Za-z0-9-]+)\.pdf/.exec(raw.toString('latin1'))?.[1]?.toLowerCase();
}
