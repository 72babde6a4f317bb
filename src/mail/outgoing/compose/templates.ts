import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Eta } from 'eta';
import { productFile } from '../../../files/product-file.js';

/** What a template may use as `it.<name>`. */
export type TemplateFacts = Record<string, string | string[] | undefined>;

export interface RenderedMail {
  subject: string;
  text: string;
}

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

/**
 * Renders one email from `<name>.eta`: plain text, its first line `Subject: …`. A template in the user's own directory
 * comes before the one that ships with the product. Templates are code from the people who run the product, never data.
 * @param facts every name the template may use; a name that is not there is an error, not the word "undefined" in an email
 * @throws TemplateError
 */
export function renderMail(name: string, facts: TemplateFacts, ownDirectory?: string): RenderedMail {
  const file = templateFile(name, ownDirectory);
  const eta = new Eta({ autoEscape: false, autoTrim: false });
  let rendered: string;
  try {
    rendered = eta.renderString(withoutControlLines(readFileSync(file, 'utf8')), onlyKnown(name, facts));
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
      .replace(/[ \t]+$/gm, '')
      .replace(/\n{3,}/g, '\n\n')
      .trimStart()}\n`,
  };
}

function templateFile(name: string, ownDirectory: string | undefined): string {
  const candidates = [...(ownDirectory ? [ownDirectory] : []), productFile('templates')].map((directory) =>
    join(directory, `${name}.eta`),
  );
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found) return found;
  throw new TemplateError(
    'template-missing',
    `Can't find the mail template ${name}. Looked for ${candidates.join(' and ')}.`,
  );
}

/** A line with only `<% … %>` leaves no empty line behind. */
function withoutControlLines(template: string): string {
  return template.replaceAll('\r\n', '\n').replace(/^[ \t]*(<%(?![=~])[^\n]*%>)[ \t]*\n/gm, '$1');
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
