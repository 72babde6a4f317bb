import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import type { Application } from '../../application/application.js';
import { checkApplication } from '../../application/schema.js';
import { formatIssue } from '../../application/validation-issue.js';
import type { Config } from '../../config/config.js';
import { readConfig } from '../../config/read-config.js';
import { composeApplication } from '../../mail/outgoing/compose/compose-application.js';
import { composeNotice } from '../../mail/outgoing/compose/compose-notice.js';
import type { Draft } from '../../mail/outgoing/compose/compose-once.js';
import { NoticeRefused } from '../../mail/outgoing/compose/notice-refused.js';
import { SubjectRefused } from '../../mail/outgoing/compose/subject.js';
import { TemplateError } from '../../mail/outgoing/compose/templates.js';
import { CommandFailure, EXIT, printResult, say } from '../../process/output.js';
import { errorText, excerpt, inList, itemized, lines, type Plain, plain } from '../../process/plain-text-output.js';
import { CBP_TEMPLATES, CLIENT_TEMPLATES } from '../../workflows/contract/mail-activities.js';
import { exampleLines } from '../command-help.js';
import { jsonIn } from '../json-file.js';
import { sampleFacts } from './sample-facts.js';

/** An email as it would be sent, as `--json` prints it. */
export interface MailPreview {
  template: string;
  from: string;
  to: string;
  replyTo?: string;
  /** Address that gets a blind copy. */
  copy?: string;
  subject: string;
  attachment?: string;
  text: string;
}

interface Options {
  application: string;
  language?: string;
  fact: Record<string, string | string[]>;
  json?: boolean;
}

const TEMPLATES = ['application', ...CLIENT_TEMPLATES, ...CBP_TEMPLATES, 'task'] as const;

export function mailPreviewCommand(): Command {
  return new Command('preview')
    .summary('show an email as it would be sent')
    .description('Shows an email as it would be sent for an application. Sends nothing and needs no server.')
    .configureHelp(
      exampleLines([
        '$ ace-onboarding mail preview application --application examples/application.json',
        '$ ace-onboarding mail preview ask-whether-approved --application client.json --language es',
        '$ ace-onboarding mail preview grant-partial --application client.json --fact missing=07-2103488A1 --fact role=read-only',
        '$ MAIL_TEMPLATES_DIR=our-templates ace-onboarding mail preview grant-reminder --application client.json',
      ]),
    )
    .argument('<TEMPLATE>', TEMPLATES.join(', '))
    .requiredOption('--application <FILE.json>', 'the application, as for start')
    .addOption(
      new Option(
        '--fact <NAME=VALUE>',
        'what the onboarding would have on record, such as what, missing or approval; repeat a name to make a list, leave VALUE empty for nothing on record',
      )
        .argParser(addFact)
        .default({}, 'samples'),
    )
    .option('--language <TAG>', "language of an email to the client, such as es (default: the application's, else en)")
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nReads the configuration of the worker. Placeholders appear for what is not set, and samples for facts that are not given.',
    )
    .action(async (template: string, options: Options) => {
      const application = await applicationFrom(options.application);
      const written = { ...application, ...(options.language ? { language: options.language } : {}) };
      const preview = previewOf(template, written, options.fact, configuration());
      printResult(options.json, preview, () => asText(preview));
    });
}

/**
 * @param facts on top of samples; empty text takes a sample away
 * @throws CommandFailure when there is no such template, or the email could not be sent
 */
export function previewOf(
  template: string,
  application: Application,
  facts: Record<string, string | string[]>,
  config: Config,
): MailPreview {
  const known = TEMPLATES.find((name) => name === template);
  if (!known)
    throw new CommandFailure(
      EXIT.notFound,
      plain`There is no template "${template}". Choose one of: ${inList(TEMPLATES)}.`,
    );
  try {
    const { letter, envelope, recipient } = draftOf(known, application, facts, config);
    const copy = envelope.to.find((address) => address !== recipient);
    return {
      template,
      from: `${letter.from.name} <${letter.from.address}>`,
      to: letter.to.name ? `${letter.to.name} <${letter.to.address}>` : letter.to.address,
      ...(letter.replyTo ? { replyTo: letter.replyTo } : {}),
      ...(copy ? { copy } : {}),
      subject: letter.subject,
      ...(letter.attachment ? { attachment: letter.attachment.filename } : {}),
      text: letter.text,
    };
  } catch (error) {
    if (error instanceof SubjectRefused || error instanceof NoticeRefused || error instanceof TemplateError)
      throw new CommandFailure(EXIT.invalid, errorText(error));
    throw error;
  }
}

/** Appears where the real email has the onboarding's secret token. */
const TOKEN = 'token';

function draftOf(
  template: (typeof TEMPLATES)[number],
  application: Application,
  facts: Record<string, string | string[]>,
  config: Config,
): Draft {
  const { reference } = application;
  const workflowId = `onboarding-${reference.toLowerCase()}`;
  if (template === 'application')
    return composeApplication(
      { workflowId, reference, attempt: 1, transmission: 1, applicationSha256: '', formSha256: '', name: TOKEN },
      application,
      new Uint8Array(),
      TOKEN,
      undefined,
      config,
    );
  return composeNotice(
    {
      ...{ workflowId, reference, template, ordinal: 1, applicationSha256: '' },
      facts: { ...sampleFacts(template, application), ...facts },
    },
    application,
    { cbp: TOKEN, client: TOKEN },
    config,
    'default',
  );
}

export function asText(preview: MailPreview): Plain {
  return lines([
    plain`From: ${preview.from}`,
    plain`To: ${preview.to}`,
    ...(preview.copy ? [plain`Blind copy: ${preview.copy}`] : []),
    ...(preview.replyTo ? [plain`Reply-To: ${preview.replyTo}`] : []),
    plain`Subject: ${preview.subject}`,
    ...(preview.attachment ? [plain`Attachment: ${preview.attachment}`] : []),
    plain``,
    excerpt(preview.text),
  ]);
}

async function applicationFrom(file: string): Promise<Application> {
  const bytes = await readFile(file).catch((error: Error) => {
    throw new CommandFailure(EXIT.usage, plain`${file} cannot be read: ${error.message}`);
  });
  const checked = checkApplication(jsonIn(file, bytes));
  if ('application' in checked) return checked.application;
  const { complaints } = checked;
  throw new CommandFailure(
    EXIT.invalid,
    itemized(plain`${file} is not a valid application:`, complaints.map(formatIssue)),
    { complaints },
  );
}

/** Variables that a worker requires. A preview shows these values when they are not set. */
const PLACEHOLDERS = {
  SMTP_HOST: '127.0.0.1',
  IMAP_HOST: '127.0.0.1',
  IMAP_USER: 'nobody',
  BROKER_PHONE: '(BROKER_PHONE)',
  BROKER_ACE_EMAIL: 'broker-ace-email@not-set.example',
  MAIL_FROM: 'mail-from@not-set.example',
  MAIL_REPLY_ALIAS: 'mail-reply-alias+{token}@not-set.example',
  OPERATIONS_ADDRESS: 'operations-address@not-set.example',
  MANAGER_ADDRESS: 'manager-address@not-set.example',
};

export function configuration(): Config {
  const missing = Object.keys(PLACEHOLDERS).filter((name) => !process.env[name]?.trim());
  const shown = missing.filter((name) => !/^(SMTP|IMAP)_/.test(name));
  if (shown.length > 0) say(plain`Not set, so placeholders are shown: ${inList(shown)}.`);
  const placeholders = Object.fromEntries(Object.entries(PLACEHOLDERS).filter(([name]) => missing.includes(name)));
  return readConfig({ ...process.env, ...placeholders });
}

function addFact(given: string, before: Record<string, string | string[]>): Record<string, string | string[]> {
  const at = given.indexOf('=');
  if (at < 1) throw new CommandFailure(EXIT.usage, plain`--fact ${given} must have the form NAME=VALUE.`);
  const name = given.slice(0, at);
  const value = given.slice(at + 1);
  const known = before[name];
  return { ...before, [name]: known === undefined ? value : [known, value].flat() };
}
