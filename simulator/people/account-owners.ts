import { simpleParser } from 'mailparser';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { Application } from '../../src/application/application.js';
import { importerNumbersOf } from '../../src/application/application.js';
import { workflowIdOf } from '../../src/application/reference.js';
import { MAIL_NAME_HEADER, mailName } from '../../src/mail/outgoing/message-id.js';
import { CLIENT_TEMPLATES, type NoticeTemplate } from '../../src/workflows/contract/mail-activities.js';
import type { AcePortal } from '../cbp/ace-portal.js';
import type { DeliveredMail, MailServers } from '../mail/mail-servers.js';

/** An email from the broker as its reader sees it. */
export interface NoticeRead {
  reference: string;
  template: NoticeTemplate;
  to: string;
  /** Where a reply goes. */
  replyTo: string;
  /** Without angle brackets. */
  messageId: string;
  subject: string;
  text: string;
}

/** The clients' account owners. They read the broker's emails, reply, and grant access in ACE. */
export interface AccountOwners {
  /** Calls back for each email from the broker that a person reads, including the broker's own people. */
  onNotice(listener: (notice: NoticeRead) => void): void;
  answer(notice: NoticeRead, text: string): Promise<void>;
  /** @throws Error when the instructions do not name the broker's ACE user */
  grant(notice: NoticeRead, application: Application, what: 'everything' | 'too-little'): void;
}

export interface AccountOwnersOptions {
  mail: MailServers;
  portal: AcePortal;
  references: string[];
  /** The broker's ACE user, which the instructions must name. */
  brokerAceEmail: string;
}

const TEMPLATES: NoticeTemplate[] = [...CLIENT_TEMPLATES, 'task'];
/** As mail programs write it above what they quote: the rest of a plain answer is then only the answer. */
const SENT = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short' });
/** More notices of one kind than any rehearsed onboarding sends. */
const MAX_ORDINAL = 20;

export function openAccountOwners({ mail, portal, references, brokerAceEmail }: AccountOwnersOptions): AccountOwners {
  const purposes = purposesByName(references);
  const listeners: ((notice: NoticeRead) => void)[] = [];
  mail.onMail((delivered) => {
    void readNotice(delivered, purposes).then((notice) => {
      if (notice) for (const listener of listeners) listener(notice);
    });
  });

  return {
    onNotice: (listener) => void listeners.push(listener),
    async answer(notice, text) {
      const raw = await new MailComposer({
        from: notice.to,
        to: notice.replyTo,
        subject: `Re: ${notice.subject}`,
        inReplyTo: `<${notice.messageId}>`,
        references: `<${notice.messageId}>`,
        text: `${text}\n\nOn ${SENT.format(new Date())}, <${notice.replyTo}> wrote:\n${notice.text.trimEnd().replace(/^/gm, '> ')}`,
      })
        .compile()
        .build();
      mail.send({ raw, from: notice.to, to: [notice.replyTo] });
    },
    grant(notice, application, what) {
      if (!notice.text.toLowerCase().includes(brokerAceEmail.toLowerCase()))
        throw new Error(`The email ${notice.template} does not name the broker's ACE user.`);
      const all = importerNumbersOf(application);
      portal.grant({
        account: application.importerNumber,
        to: brokerAceEmail.toLowerCase(),
        importerNumbers: what === 'everything' ? all : all.slice(0, -1),
        role: what === 'everything' ? 'full-access' : 'read-only',
      });
    },
  };
}

type Purpose = Pick<NoticeRead, 'reference' | 'template'>;

/** A header names each notice by onboarding and template, so notices are recognized whatever they say. */
function purposesByName(references: string[]): Map<string, Purpose> {
  const names = new Map<string, Purpose>();
  for (const reference of references) {
    for (const template of TEMPLATES) {
      for (let ordinal = 1; ordinal <= MAX_ORDINAL; ordinal++) {
        names.set(mailName(workflowIdOf(reference), { kind: 'notice', template, ordinal }), { reference, template });
      }
    }
  }
  return names;
}

async function readNotice(delivered: DeliveredMail, purposes: Map<string, Purpose>): Promise<NoticeRead | undefined> {
  const parsed = await simpleParser(delivered.raw);
  const purpose = purposes.get(String(parsed.headers.get(MAIL_NAME_HEADER.toLowerCase()) ?? ''));
  if (!purpose) return undefined;
  return {
    ...purpose,
    to: delivered.to,
    replyTo: parsed.replyTo?.value[0]?.address ?? parsed.from?.value[0]?.address ?? delivered.from,
    messageId: (parsed.messageId ?? '').replace(/^<|>$/g, ''),
    subject: parsed.subject ?? '',
    text: parsed.text ?? '',
  };
}
