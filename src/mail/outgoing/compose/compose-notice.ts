import type { AccountOwner, Application } from '../../../application/application.js';
import { importerNumbersOf } from '../../../application/application.js';
import { disarmed, printableLine } from '../../../application/plain-text.js';
import { dateInWords, dayInWords } from '../../../calendar/format.js';
import type { Config } from '../../../config/config.js';
import type { Notice, NoticeTemplate } from '../../../workflows/contract/mail-activities.js';
import { aliasAddress } from '../reply-alias.js';
import { envelopeSender, shownNumber } from './compose-application.js';
import type { Draft } from './compose-once.js';
import { noticeSubject, oneLine } from './subject.js';
import { renderMail } from './templates.js';

export type Audience = 'client' | 'operations' | 'manager';

/** Who gets a notice. */
export const AUDIENCE: Record<NoticeTemplate, Audience> = {
  'grant-instructions': 'client',
  'grant-reminder': 'client',
  'grant-partial': 'client',
  'ask-whether-approved': 'client',
  'correction-needed': 'client',
  'credentials-received': 'client',
  'operations-task': 'operations',
  'operations-late': 'operations',
  'operations-client-silent': 'operations',
  'manager-overdue': 'manager',
};

/** A notice that cannot be composed from the data at hand. */
export class NoticeRefused extends Error {
  readonly code = 'notice-refused';
  constructor(message: string) {
    super(message);
    this.name = 'NoticeRefused';
  }
}

/**
 * A notice to the account owner or to the broker's own people. The client replies to the client's alias, where nothing
 * can count as CBP's decision. Without an application, only our own people can be notified.
 * @throws SubjectRefused, NoticeRefused, TemplateError
 */
export function composeNotice(
  notice: Notice,
  application: Application | undefined,
  alias: string | undefined,
  config: Config,
  temporalNamespace: string,
): Draft {
  const audience = AUDIENCE[notice.template];
  // Stated by the product, and copied from the email by the client.
  const brokerAceEmail = fact(notice, 'brokerAceEmail', printableLine) ?? config.broker.aceEmail;
  const owner = application?.accountOwner;
  const to = addressee(audience, owner, config);
  const rendered = renderMail(
    notice.template,
    {
      reference: printableLine(notice.reference),
      company: inLine(application?.company.legalName ?? notice.reference),
      ownerName: inLine(owner ? `${owner.firstName} ${owner.lastName}` : ''),
      ownerPhone: inLine(owner?.phone ?? ''),
      importerNumbers: application ? importerNumbersOf(application).map(shownNumber).map(inLine) : [],
      missing: facts(notice, 'missing').map(shownNumber).map(inLine),
      role: wrongRole(notice),
      due: fact(notice, 'due', inLine),
      what: fact(notice, 'what', quoted) ?? 'Please check the case.',
      submittedOn: day(notice, 'submittedOn'),
      submittedBy: fact(notice, 'submittedBy', inLine),
      approval: fact(notice, 'approval', inLine),
      instructedOn: day(notice, 'instructedOn'),
      lookedOn: day(notice, 'lookedOn'),
      attention: fact(notice, 'attention', inLine) ?? 'please check',
      ordinal: String(notice.ordinal),
      refundDeadline: application?.refundDeadline && dateInWords(application.refundDeadline),
      brokerName: config.broker.name,
      brokerPhone: config.broker.phone,
      brokerAceEmail,
      footer: footer(notice, application, config, temporalNamespace),
    },
    config.mail.templatesDir,
  );
  return {
    recipient: to.address,
    envelope: { from: alias ? envelopeSender(config, alias) : config.mail.from, to: [to.address] },
    brokerAceEmail,
    letter: {
      from: { name: config.broker.name, address: config.mail.from },
      to,
      ...(audience === 'client' && alias ? { replyTo: aliasAddress(config.mail.replyAlias, alias) } : {}),
      subject: application ? noticeSubject(rendered.subject, application) : oneLine(rendered.subject),
      text: rendered.text,
      silencesAutoReplies: audience !== 'client',
    },
  };
}

function addressee(audience: Audience, owner: AccountOwner | undefined, config: Config) {
  if (audience === 'manager') return { address: config.mail.manager };
  if (audience === 'operations') return { address: config.mail.operations };
  if (!owner)
    throw new NoticeRefused('There is no application yet, so there is no account owner to write to. Nothing was sent.');
  return { name: `${owner.firstName} ${owner.lastName}`, address: owner.email };
}

/** For our own people: the link to the case and the commands to run. */
function footer(notice: Notice, application: Application | undefined, config: Config, namespace: string): string {
  const commands = [
    `ace-onboarding show ${notice.reference}`,
    ...facts(notice, 'commands'),
    ...facts(notice, 'command'),
  ].map(printableLine);
  return [
    `Case:    ${printableLine(notice.reference)}${application?.handler ? ` (handler: ${inLine(application.handler)})` : ''}`,
    `View:    ${caseUrl(config.uiUrl, namespace, notice.workflowId)}`,
    ...commands.map((command, index) => `${index === 0 ? 'Run:    ' : '        '} ${command}`),
  ].join('\n');
}

export function caseUrl(uiUrl: string, namespace: string, workflowId: string): string {
  return `${uiUrl.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}

/** Makes text from others safe within a line of the template: no control characters, and no clickable links. */
function inLine(text: string): string {
  return disarmed(printableLine(text));
}

/** Does the same for text on its own lines. The `>` sets them apart from the template's lines, such as commands to run. */
function quoted(text: string): string {
  return disarmed(text)
    .trim()
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}

/** The role that ACE shows, to complain about. Undefined if it is right: then only importer numbers are missing. */
function wrongRole(notice: Notice): string | undefined {
  const role = fact(notice, 'role', inLine);
  return role === 'full-access' ? undefined : role;
}

function fact(notice: Notice, name: string, clean: (text: string) => string): string | undefined {
  const text = facts(notice, name).join('\n');
  return text.trim() ? clean(text) : undefined;
}

/** A fact that is an ISO instant or a day, in words. */
function day(notice: Notice, name: string): string | undefined {
  return fact(notice, name, dayInWords);
}

function facts(notice: Notice, name: string): string[] {
  const value = notice.facts[name] ?? [];
  return Array.isArray(value) ? value : [value];
}
