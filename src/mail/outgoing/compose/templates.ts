import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Eta } from 'eta';
import { z } from 'zod';
import type { Application } from '../../../application/application.js';
import { disarmed, printableLine } from '../../../application/plain-text.js';
import type { ValidationIssue } from '../../../application/validation-issue.js';
import { productFile } from '../../../files/product-file.js';
import { CLIENT_TEMPLATES } from '../../../workflows/contract/mail-activities.js';

/** What a template may use as `it.<name>`. */
export type TemplateFacts = Record<string, string | string[] | undefined>;

export interface RenderedMail {
  subject: string;
  text: string;
}

/** `words.json` of a language. */
export type Words = z.infer<typeof words>;
const words = z.object({
  /** What counts as a plain answer: all of what a client may write, in lower case. */
  yes: z.array(z.string().min(1)).min(1),
  no: z.array(z.string().min(1)).min(1),
  done: z.array(z.string().min(1)).min(1),
  /** What it may have around it, in lower case and without punctuation. */
  greetings: z.array(z.string().min(1)),
  closings: z.array(z.string().min(1)),
  /** How to say that our role in ACE is neither Full Access nor Read-Only. */
  otherRole: z.string().min(1),
});

export class TemplateError extends Error {
  constructor(
    readonly code: 'template-missing' | 'template-broken',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'TemplateError';
  }
}

/** Folders of `templates/` that don't belong to a language. */
const AUDIENCES = ['cbp', 'staff'];

/**
 * The languages in which clients can be written to: folders, here or in the user's own directory, that together have
 * every client template and `words.json`. Their names are language tags, such as `en`, `es` or `es-MX`.
 */
export function languages(ownDirectory?: string): string[] {
  const named = directories(ownDirectory)
    .filter((directory) => existsSync(directory))
    .flatMap((directory) => readdirSync(directory, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !AUDIENCES.includes(entry.name) && isLanguageTag(entry.name))
    .map(({ name }) => name);
  const files = [...CLIENT_TEMPLATES.map((name) => `${name}.eta`), 'words.json'];
  return [...new Set(named)]
    .filter((language) => files.every((file) => found(join(language, file), ownDirectory)))
    .sort();
}

/** Where a client's application names no language. */
export const DEFAULT_LANGUAGE = 'en';

/** Undefined if the client can be written to in the language of the application. */
export function languageIssue(
  { language = DEFAULT_LANGUAGE }: Application,
  known: string[],
): ValidationIssue | undefined {
  if (known.includes(language)) return undefined;
  return {
    field: 'language',
    problem: `There are no email templates for the language "${disarmed(printableLine(String(language)))}".`,
    remedy: `Use one of ${known.join(', ')}, or add a folder with every client template and words.json to MAIL_TEMPLATES_DIR.`,
  };
}

/** @throws TemplateError */
export function languageWords(language: string, ownDirectory?: string): Words {
  const file = existing(join(language, 'words.json'), ownDirectory);
  try {
    return words.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new TemplateError(
      'template-broken',
      `${file} must have the lists yes, no, done, greetings and closings, and otherRole: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

/** What clients may reply, in every language. @throws TemplateError */
export function replyWords(ownDirectory?: string): Record<string, Words> {
  return Object.fromEntries(
    languages(ownDirectory).map((language) => [language, languageWords(language, ownDirectory)]),
  );
}

/**
 * Renders one email from `<name>.eta`: plain text, its first line `Subject: …`. A line that ends in a backslash goes on in
 * the next one. A template in the user's own directory comes before the one that ships with the product. Templates are
 * code from the people who run the product, never data.
 * @param name with its folder: `en/message`, `cbp/application`, `staff/task`
 * @param facts every name the template may use; a name that is not there is an error, not the word "undefined" in an email
 * @throws TemplateError
 */
export function renderMail(name: string, facts: TemplateFacts, ownDirectory?: string): RenderedMail {
  const file = existing(`${name}.eta`, ownDirectory);
  const eta = new Eta({ autoEscape: false, autoTrim: false, autoFilter: true, filterFunction: onRecord });
  let rendered: string;
  try {
    rendered = eta.renderString(inParagraphs(readFileSync(file, 'utf8')), onlyKnown(name, facts));
  } catch (error) {
    throw new TemplateError(
      'template-broken',
      `The mail template ${file} cannot be rendered: ${(error as Error).message}`,
      { cause: error },
    );
  }
  const [, subject, text] = /^Subject: *(\S[^\n]*)\n\s*\n([\s\S]*\S)\s*$/.exec(rendered) ?? [];
  if (subject === undefined || text === undefined)
    throw new TemplateError(
      'template-broken',
      `The mail template ${file} must begin with a line "Subject: …", then an empty line, then the text.`,
    );
  return {
    subject: subject.trim(),
    text: `${text
      .replaceAll(`${CONTINUED}\n\n`, '\n\n')
      .replaceAll(`${CONTINUED}\n`, ' ')
      .replaceAll(CONTINUED, '')
      .replace(/[ \t]+$/gm, '')
      .replace(/\n{3,}/g, '\n\n')
      .trimStart()}\n`,
  };
}

/** Stands for the backslash at the end of a template's line. No cleaned text has it: it is for private use. */
const CONTINUED = '\uE000';

/** A line with only `<% … %>` leaves no empty line behind. */
function inParagraphs(template: string): string {
  return template
    .replaceAll('\r\n', '\n')
    .replace(/^[ \t]*(<%(?![=~])[^\n]*%>)[ \t]*\n/gm, '$1')
    .replace(/[ \t]*\\\n/g, `${CONTINUED}\n`);
}

function directories(ownDirectory: string | undefined): string[] {
  return [...(ownDirectory ? [ownDirectory] : []), productFile('templates')];
}

function found(file: string, ownDirectory: string | undefined): string | undefined {
  return directories(ownDirectory)
    .map((directory) => join(directory, file))
    .find((candidate) => existsSync(candidate));
}

function existing(file: string, ownDirectory: string | undefined): string {
  const path = found(file, ownDirectory);
  if (path) return path;
  const looked = directories(ownDirectory).map((directory) => join(directory, file));
  throw new TemplateError(
    'template-missing',
    `Can't find the mail template ${file}. Looked for ${looked.join(' and ')}.`,
  );
}

function isLanguageTag(name: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(name).length > 0;
  } catch {
    return false;
  }
}

/** The word "undefined" is in no email: a template must ask whether a fact is there before it says it. */
function onRecord(value: unknown): string {
  if (value === undefined)
    throw new Error(
      'it puts in a fact that is not on record. Surround the sentence with <% if (it.NAME) { %> and <% } %>',
    );
  return String(value);
}

function onlyKnown(template: string, facts: TemplateFacts): TemplateFacts {
  return new Proxy(facts, {
    get(target, name) {
      if (typeof name === 'symbol' || Object.hasOwn(target, name)) return Reflect.get(target, name);
      throw new Error(
        `template ${template} uses it.${name}, which does not exist. Available: ${Object.keys(target).sort().join(', ')}`,
      );
    },
  });
}
