import type { Application } from '../../../application/application.js';
import { importerNumbersOf } from '../../../application/application.js';
import { printableLine } from '../../../application/plain-text.js';
import { formatIssue } from '../../../application/validation-issue.js';
import { inNewYork } from '../../../calendar/day.js';
import { longDay } from '../../../calendar/format.js';
import type { Config } from '../../../config/config.js';
import { dutyOf, personNamed } from '../../../config/people.js';
import {
  CBP_TEMPLATES,
  CLIENT_TEMPLATES,
  type Notice,
  type NoticeTemplate,
} from '../../../workflows/contract/mail-activities.js';
import { aliasAddress } from '../reply-alias.js';
import { assertOnRecord, CLAIMS } from './claims.js';
import { envelopeSender, shownNumber } from './compose-application.js';
import type { Draft } from './compose-once.js';
import { inLine, shownFacts } from './notice-facts.js';
import { NoticeRefused } from './notice-refused.js';
import { noticeSubject, oneLine } from './subject.js';
import {
  DEFAULT_LANGUAGE,
  languageIssue,
  languages,
  languageWords,
  renderMail,
  type TemplateFacts,
} from './templates.js';

export type Audience = 'client' | 'cbp' | 'staff';

/** The tokens of a case's two reply addresses. */
export interface Aliases {
  cbp: string;
  client: string;
}

/** Who gets a notice. */
export function audienceOf(template: NoticeTemplate): Audience {
  if ((CLIENT_TEMPLATES as readonly string[]).includes(template)) return 'client';
  return (CBP_TEMPLATES as readonly string[]).includes(template) ? 'cbp' : 'staff';
}

/**
 * A notice to the account owner, to CBP or to one of the broker's own people. The client replies to the client's alias,
 * where nothing can count as CBP's decision. Without an application, only our own people can be notified. The email says
 * only what its facts say: see `claims.ts`.
 * @param now a task goes to the person who has the handler's duty on that day
 * @throws SubjectRefused, NoticeRefused, TemplateError
 */
export function composeNotice(
  notice: Notice,
  application: Application | undefined,
  aliases: Aliases | undefined,
  config: Config,
  temporalNamespace: string,
  now: Date = new Date(),
): Draft {
  const { template } = notice;
  if (!isComposed(template)) throw new NoticeRefused(`${template} is not about one case, so it is composed elsewhere.`);
  const audience = audienceOf(template);
  const language = audience === 'client' ? clientLanguage(application, config) : DEFAULT_LANGUAGE;
  const words = languageWords(language, config.mail.templatesDir);
  const facts = shownFacts(notice, language, words);
  // Stated by the product, and copied from the email by the client.
  const brokerAceEmail = theOne(facts.brokerAceEmail) ?? config.broker.aceEmail;
  const handler = notice.facts.handler ?? application?.handler;
  const to = addressee(audience, application, typeof handler === 'string' ? handler : undefined, config, now);
  const all: TemplateFacts = {
    ...facts,
    ...caseFacts(notice, application),
    what: facts.what ?? (audience === 'staff' ? 'Please check the case.' : undefined),
    attention: facts.attention ?? 'please check',
    signature: signature(typeof handler === 'string' ? handler : undefined, config),
    brokerName: config.broker.name,
    brokerPhone: config.broker.phone,
    brokerAceEmail,
    brokerAceSecondEmail: facts.brokerAceSecondEmail ?? config.broker.aceSecondEmail,
    footer: footer(notice, application, config, temporalNamespace),
  };
  assertOnRecord(template, { ...all, application: application && 'archived' });
  const folder = audience === 'client' ? language : audience;
  const rendered = renderMail(`${folder}/${template}`, all, config.mail.templatesDir);
  const alias = audience === 'staff' ? undefined : aliases?.[audience];
  return {
    recipient: to.address,
    envelope: { from: envelopeFrom(audience, aliases, config), to: [to.address] },
    brokerAceEmail,
    letter: {
      from: { name: config.broker.name, address: config.mail.from },
      to,
      ...(alias ? { replyTo: aliasAddress(config.mail.replyAlias, alias) } : {}),
      subject: application ? noticeSubject(rendered.subject, application) : oneLine(rendered.subject),
      text: rendered.text,
      silencesAutoReplies: audience === 'staff',
    },
  };
}

function isComposed(template: NoticeTemplate): template is keyof typeof CLAIMS {
  return Object.hasOwn(CLAIMS, template);
}

/** Its templates may have been removed since the application was checked. */
function clientLanguage(application: Application | undefined, config: Config): string {
  const issue = application && languageIssue(application, languages(config.mail.templatesDir));
  if (issue) throw new NoticeRefused(`${formatIssue(issue)} Nothing was sent.`);
  return application?.language ?? DEFAULT_LANGUAGE;
}

function caseFacts(notice: Notice, application: Application | undefined): TemplateFacts {
  const owner = application?.accountOwner;
  return {
    reference: printableLine(notice.reference),
    company: inLine(application?.company.legalName ?? notice.reference),
    ownerName: inLine(owner ? `${owner.firstName} ${owner.lastName}` : ''),
    ownerEmail: inLine(owner?.email ?? ''),
    ownerPhone: inLine(owner?.phone ?? ''),
    importerNumber: application && inLine(shownNumber(application.importerNumber)),
    importerNumbers: application ? importerNumbersOf(application).map(shownNumber).map(inLine) : [],
    refundDeadline: application?.refundDeadline && longDay(application.refundDeadline),
    ordinal: String(notice.ordinal),
  };
}

function addressee(
  audience: Audience,
  application: Application | undefined,
  handler: string | undefined,
  config: Config,
  now: Date,
): { name?: string; address: string } {
  if (audience === 'staff')
    return { address: dutyOf(config.people, handler, inNewYork(now).day, config.mail.operations).email };
  if (!application)
    throw new NoticeRefused('There is no application yet, so there is no one to write to. Nothing was sent.');
  if (audience === 'cbp') return { address: config.cbp.applicationsAddress };
  const { firstName, lastName, email } = application.accountOwner;
  return { name: `${firstName} ${lastName}`, address: email };
}

/** Bounces go to the case. Those of our own people's mail go to the client's alias, where nothing counts as CBP's. */
function envelopeFrom(audience: Audience, aliases: Aliases | undefined, config: Config): string {
  return aliases ? envelopeSender(config, aliases[audience === 'cbp' ? 'cbp' : 'client']) : config.mail.from;
}

/** The handler's name, if the address book has it, and the broker's. */
export function signature(handler: string | undefined, config: Config): string {
  const person = personNamed(config.people, handler);
  return [...(person ? [printableLine(person.name)] : []), config.broker.name].join('\n');
}

/** For our own people: the link to the case and the commands to run. */
function footer(notice: Notice, application: Application | undefined, config: Config, namespace: string): string {
  const given = ['commands', 'command'].flatMap((name) => notice.facts[name] ?? []);
  const commands = [`ace-onboarding show ${notice.reference}`, ...given].map(printableLine);
  return [
    `Case:    ${printableLine(notice.reference)}${application?.handler ? ` (handler: ${inLine(application.handler)})` : ''}`,
    `View:    ${caseUrl(config.uiUrl, namespace, notice.workflowId)}`,
    ...commands.map((command, index) => `${index === 0 ? 'Run:    ' : '        '} ${command}`),
  ].join('\n');
}

export function caseUrl(uiUrl: string, namespace: string, workflowId: string): string {
  return `${uiUrl.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}

function theOne(fact: TemplateFacts[string]): string | undefined {
  return typeof fact === 'string' ? fact : undefined;
}
