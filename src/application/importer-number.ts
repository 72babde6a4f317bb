import { asciiDigitsAndHyphens } from './plain-text.js';
import type { ValidationIssue } from './validation-issue.js';

/**
 * Importer of record numbers as CBP's electronic filing formats (CATAIR) write them and 19 CFR 24.5 describes them:
 *
 * | kind           | written        |                                                                          |
 * |----------------|----------------|--------------------------------------------------------------------------|
 * | `ein`          | `NN-NNNNNNNXX` | IRS employer identification number and CBP's suffix, never O, I or Z     |
 * | `ssn`          | `NNN-NN-NNNN`  | for a person without an EIN                                              |
 * | `cbp-assigned` | `YYDDPP-NNNNN` | year, district and port, serial; for those with neither, often foreign   |
 *
 * The suffix is part of the number: another suffix is another importer record with its own bank data, so it is required
 * and never assumed.
 */
export type ImporterNumber =
  | { kind: 'ein'; canonical: string /** `NN-NNNNNNN` */; ein: string /** Two characters. */; suffix: string }
  | { kind: 'ssn'; canonical: string }
  | { kind: 'cbp-assigned'; canonical: string };

export type ImporterNumberKind = ImporterNumber['kind'];

export type ParsedImporterNumber =
  | { number: ImporterNumber; warnings: ValidationIssue[] }
  | { complaint: ValidationIssue };

/** Prefixes that the IRS has not assigned, according to its published list. The list may grow, so these are only warnings. */
const UNASSIGNED_EIN_PREFIXES = new Set('00 07 08 09 17 18 19 28 29 49 69 70 78 79 89 96 97'.split(' '));

/** The example EIN in the guide to the application, which leaves out the suffix. */
const GUIDES_EXAMPLE = '12-3456789';

/** Printed on sample cards. The Social Security Administration says that they belong to no one. */
const SPECIMEN_SSNS = new Set(['123-45-6789', '078-05-1120', '219-09-9999']);

const FORMS = 'NN-NNNNNNNXX (EIN and suffix), NNN-NN-NNNN (SSN), or YYDDPP-NNNNN (assigned by CBP)';
const FORMAT_AS_TEXT = 'Format the column as text, then copy the number again from the CBP Form 5106.';
const COPY_FROM_5106 = 'Copy it, including hyphens, from the CBP Form 5106';

const KIND_NAMES: Record<ImporterNumberKind, string> = {
  ein: 'an EIN with suffix',
  ssn: 'an SSN',
  'cbp-assigned': 'a number assigned by CBP',
};

/**
 * Reads an importer number the way people write it: with "EIN:" in front, spaces, full-width digits, any dash. Ambiguous
 * digits need their hyphen or `declaredKind`. Problems never repeat the number.
 */
export function parseImporterNumber(
  input: string,
  declaredKind?: ImporterNumberKind,
  field = 'importerNumber',
): ParsedImporterNumber {
  const { text, kind } = withoutLabel(asciiDigitsAndHyphens(input).toUpperCase());
  const parsed = read(hyphenated(text), declaredKind ?? kind);
  if ('problem' in parsed) return { complaint: { field, ...parsed } };
  if (declaredKind && parsed.number.kind !== declaredKind)
    return {
      complaint: {
        field,
        problem: `is written like ${KIND_NAMES[parsed.number.kind]} but declared as ${KIND_NAMES[declaredKind]}.`,
        remedy: `${COPY_FROM_5106}, or correct the declared kind.`,
      },
    };
  return { number: parsed.number, warnings: parsed.warnings.map((warning) => ({ field, ...warning })) };
}

/** The parts of a canonical number, as in an `Application`. @throws TypeError if it is not canonical */
export function importerNumberOf(canonical: string): ImporterNumber {
  const parsed = read(canonical, undefined);
  if ('problem' in parsed || parsed.number.canonical !== canonical)
    throw new TypeError('Not a canonical importer number: pass it through parseImporterNumber first.');
  return parsed.number;
}

/** The number with all but its last two characters masked, for places where the full number is not needed. */
export function maskedImporterNumber(canonical: string): string {
  return canonical.slice(0, -2).replace(/[0-9A-Z]/g, '•') + canonical.slice(-2);
}

interface NumberProblem {
  problem: string;
  remedy: string;
}
type Reading = { number: ImporterNumber; warnings: NumberProblem[] } | NumberProblem;

function read(text: string, kind: ImporterNumberKind | undefined): Reading {
  return spreadsheetDamage(text) ?? withHyphen(text) ?? withoutHyphen(text, kind) ?? unrecognized(text);
}

/** Removes "EIN: ", "IOR#", or "SSN " before the number. The label also tells the kind if the digits do not. */
function withoutLabel(text: string): { text: string; kind?: ImporterNumberKind } {
  const label =
    /^(?:(F?EIN|IRS)|(SSN)|(CAN|CBP[- ]ASSIGNED)|IOR|IR|IMPORTER(?: OF RECORD)?|TAX ID)(?: ?(?:NUMBER|NO\.?|NR\.?|#))? ?[:#=]? ?(?=[\dOIZ])/.exec(
      text,
    );
  if (!label) return { text };
  const rest = text.slice(label[0].length);
  if (label[1]) return { text: rest, kind: 'ein' };
  if (label[2]) return { text: rest, kind: 'ssn' };
  if (label[3]) return { text: rest, kind: 'cbp-assigned' };
  return { text: rest };
}

/** Turns spaces into hyphens where those belong, and removes other spaces and a hyphen before the suffix. */
function hyphenated(text: string): string {
  const spaced =
    /^([\dA-Z]{2}) ([\dA-Z]{7} ?[\dA-Z]{0,2})$/.exec(text) ??
    /^(\d{3}) (\d{2} \d{4})$/.exec(text) ??
    /^(\d{2}[\dA-Z]{4}) (\d{5})$/.exec(text);
  const hyphens = spaced ? `${spaced[1]}-${spaced[2]?.replace(/^(\d{2}) (\d{4})$/, '$1-$2')}` : text;
  return hyphens.replace(/ /g, '').replace(/^([\dA-Z]{2}-[\dA-Z]{7})-([\dA-Z]{1,2})$/, '$1$2');
}

function spreadsheetDamage(text: string): NumberProblem | undefined {
  if (text === '') return { problem: 'is missing.', remedy: `${COPY_FROM_5106}.` };
  if (/^\d([.,]\d+)?E\+?\d+$/.test(text))
    return {
      problem: 'was turned into scientific notation by a spreadsheet, so digits are lost.',
      remedy: FORMAT_AS_TEXT,
    };
  if (/^\d+[.,]0+$/.test(text))
    return {
      problem: 'was turned into a decimal number by a spreadsheet.',
      remedy: FORMAT_AS_TEXT,
    };
  if (/^(\d-\d{7}[\dA-Z]{0,2}|\d{8}|\d{10})$/.test(text))
    return {
      problem: 'is missing its first digit: a spreadsheet has probably removed a leading zero.',
      remedy: FORMAT_AS_TEXT,
    };
  return undefined;
}

function withHyphen(text: string): Reading | undefined {
  const ein = /^(\d{2})-(\d{7})([\dA-Z]{2})$/.exec(text);
  if (ein) return einWithSuffix(`${ein[1]}-${ein[2]}`, ein[3] ?? '');
  if (/^\d{2}-\d{7}$/.test(text)) return withoutSuffix(text);
  if (/^\d{2}-\d{7}[\dA-Z]$/.test(text))
    return {
      problem: 'is an EIN with only one of the two characters of its CBP suffix.',
      remedy: 'Copy both characters of the suffix from the CBP Form 5106.',
    };
  const ssn = /^(\d{3})-(\d{2})-(\d{4})$/.exec(text);
  if (ssn) return socialSecurityNumber(ssn[1] ?? '', ssn[2] ?? '', ssn[3] ?? '');
  if (/^\d{3}-\d{2}-\d{4}-?[\dA-Z]{2}$/.test(text))
    return {
      problem: 'is an SSN with a suffix. SSN importer numbers have no suffix.',
      remedy: 'Remove the suffix, or enter the EIN with its suffix if the importer has one.',
    };
  if (/^\d{2}[\dA-Z]{4}-\d{5}$/.test(text)) return assignedByCbp(text);
  return undefined;
}

function withoutHyphen(text: string, kind: ImporterNumberKind | undefined): Reading | undefined {
  if (/^\d{9}$/.test(text)) {
    if (kind === 'ein') return withoutSuffix(`${text.slice(0, 2)}-${text.slice(2)}`);
    if (kind === 'ssn') return socialSecurityNumber(text.slice(0, 3), text.slice(3, 5), text.slice(5));
    return {
      problem: 'has nine digits without a hyphen, so it may be an EIN or an SSN.',
      remedy: `Write NN-NNNNNNN and CBP's two-character suffix for an EIN, NNN-NN-NNNN for an SSN.`,
    };
  }
  if (/^\d{11}$/.test(text)) {
    if (kind === 'ein') return einWithSuffix(`${text.slice(0, 2)}-${text.slice(2, 9)}`, text.slice(9));
    if (kind === 'cbp-assigned') return assignedByCbp(`${text.slice(0, 6)}-${text.slice(6)}`);
    return {
      problem: 'has eleven digits without a hyphen, so it may be an EIN with its suffix or a number assigned by CBP.',
      remedy: 'Write NN-NNNNNNNXX for an EIN with suffix, YYDDPP-NNNNN for a number assigned by CBP.',
    };
  }
  // Letters at the end can only be a suffix.
  const ein = /^(\d{2})(\d{7})(\d[A-Z]|[A-Z][\dA-Z])$/.exec(text);
  if (ein) return einWithSuffix(`${ein[1]}-${ein[2]}`, ein[3] ?? '');
  return undefined;
}

function einWithSuffix(ein: string, suffix: string): Reading {
  const letter = /[OIZ]/.exec(suffix)?.[0];
  if (letter) {
    const meant = suffix.replaceAll('O', '0').replaceAll('I', '1').replaceAll('Z', '2');
    return {
      problem: `ends in "${suffix}" with the letter ${letter}, which CBP does not use in suffixes. It is probably a ${meant[suffix.indexOf(letter)]}.`,
      remedy: `Check the CBP Form 5106; if it says ${meant}, write ${meant}.`,
    };
  }
  if (/^0+$/.test(ein.replace('-', '')))
    return { problem: 'is nothing but zeros, so it is not an EIN.', remedy: `${COPY_FROM_5106}.` };
  const prefix = ein.slice(0, 2);
  return {
    number: { kind: 'ein', canonical: ein + suffix, ein, suffix },
    warnings: UNASSIGNED_EIN_PREFIXES.has(prefix)
      ? [
          {
            problem: `begins with ${prefix}, a prefix that is not on the list of EIN prefixes the IRS has assigned.`,
            remedy: 'Check it against the CBP Form 5106 before you apply.',
          },
        ]
      : [],
  };
}

function withoutSuffix(ein: string): NumberProblem {
  return {
    problem:
      ein === GUIDES_EXAMPLE
        ? `is ${GUIDES_EXAMPLE}, the example from the guide: an EIN that still needs CBP's two-character suffix.`
        : "is an EIN that still needs CBP's two-character suffix.",
    remedy:
      "Add CBP's suffix, usually 00, and check it against the CBP Form 5106. Another suffix is another importer record.",
  };
}

/** Social Security Administration, POMS RM 10201.035: numbers that are never issued. */
function socialSecurityNumber(area: string, group: string, serial: string): Reading {
  const remedy = `${COPY_FROM_5106}. If the importer has an EIN, use that.`;
  if (area.startsWith('9'))
    return {
      problem: 'looks like an SSN but begins with 9, so it is a taxpayer number (ITIN), which CBP does not accept.',
      remedy: 'Enter the number on the CBP Form 5106: an EIN with suffix, or one assigned by CBP.',
    };
  if (area === '000' || area === '666')
    return { problem: `looks like an SSN but begins with ${area}, and no SSN does.`, remedy };
  if (group === '00') return { problem: 'looks like an SSN but has 00 in the middle, and no SSN does.', remedy };
  if (serial === '0000') return { problem: 'looks like an SSN but ends in 0000, and no SSN does.', remedy };
  const canonical = `${area}-${group}-${serial}`;
  return {
    number: { kind: 'ssn', canonical },
    warnings: SPECIMEN_SSNS.has(canonical)
      ? [{ problem: 'is a well-known sample number, not a real SSN.', remedy: `${COPY_FROM_5106}.` }]
      : [],
  };
}

function assignedByCbp(text: string): Reading {
  return {
    number: { kind: 'cbp-assigned', canonical: text },
    warnings: /[A-Z]/.test(text)
      ? [
          {
            problem: 'has a letter in the digits for district and port, which is unusual for a number assigned by CBP.',
            remedy: 'Check it against the CBP Form 5106: O and 0, and I and 1, are easy to confuse.',
          },
        ]
      : [],
  };
}

function unrecognized(text: string): NumberProblem {
  const typo = text.replaceAll('O', '0').replaceAll('I', '1').replaceAll('Z', '2');
  if (typo !== text && !('problem' in (withHyphen(typo) ?? withoutHyphen(typo, 'ein') ?? { problem: '' })))
    return {
      problem: 'has a letter where a digit belongs, such as O for 0 or I for 1.',
      remedy: `${COPY_FROM_5106}, with digits.`,
    };
  if (/[^\dA-Z-]/.test(text))
    return {
      problem: `has characters other than digits, letters, and hyphens. An importer number has the form ${FORMS}.`,
      remedy: `${COPY_FROM_5106}, and nothing else.`,
    };
  const characters = text.replaceAll('-', '').length;
  return {
    problem: `has ${characters} ${characters === 1 ? 'character' : 'characters'} in a form that no importer number has. The form must be ${FORMS}.`,
    remedy: `${COPY_FROM_5106}.`,
  };
}
