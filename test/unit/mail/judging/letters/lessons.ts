import type { Letter } from '../../../../../src/mail/judging/letters/letter.js';
import type { NewAct } from '../../../../../src/mail/judging/letters/letter-rules.js';
import { letterOf } from '../../../../../src/mail/judging/letters/teach.js';
import type { CaseFacts } from '../../../../../src/mail/judging/text/mask.js';
import type { Writing } from '../../../../../src/mail/judging/text/writing.js';
import type { DecisionKind } from '../../../../../src/workflows/contract/received-mail.js';

export const ACME: CaseFacts = {
  company: 'Acme Imports LLC',
  importerNumbers: ['12-345678900'],
  owner: { firstName: 'Bo', lastName: 'Park' },
};
export const ADDRESS = 'ace.applications@cbp.dhs.gov';
export const DECIDES = 'Your application for Acme Imports LLC has been approved.';
export const FOOTER = 'Office hours are Monday to Friday.';

export function writing(paragraphs: string[] = [DECIDES, FOOTER], more: Partial<Writing> = {}): Writing {
  return {
    subject: 'ACE application 12-345678900',
    parts: { text: paragraphs },
    attachments: [],
    domain: 'cbp.dhs.gov',
    address: ADDRESS,
    ...more,
  };
}

/** The first paragraph decides. */
export function letter(kind: DecisionKind = 'approved', of: Writing = writing()): Letter {
  return letterOf(of, ACME, new Set(), { kind, decisive: 1, fillers: [] }).letter;
}

export function taught(by: string, of: Letter = letter(), address = ADDRESS): NewAct {
  return { act: 'teach', by, letter: of as never, address, mailId: 'mail-1' };
}
