import type { Learned, LearnedParagraph } from '../../mail/judging/letters/learn-letter.js';
import type { FillerEntry, LetterEntry, LetterShelf, LetterState } from '../../mail/judging/letters/letter-acts.js';
import type { ShownParagraph } from '../../mail/judging/letters/teach.js';
import type { LetterGroup } from '../../mail/judging/letters/waiting-letters.js';
import { PART_NAMES } from '../../mail/judging/text/writing.js';
import { columns, disarming, lines, type Plain } from '../../process/plain-text-output.js';

/** Letters as text for people. The text comes from strangers, so each paragraph stays on its line. */

const STATES: Record<LetterState, string> = {
  known: 'known',
  'needs-confirmation': 'needs confirmation',
  'needs-second-person': 'needs a second person',
  revoked: 'revoked',
};

export function shelfShown({ letters, fillers }: LetterShelf): Plain {
  const rows = [
    ...[...letters.values()].map((one) => [
      one.letter.id,
      STATES[one.state],
      one.letter.kind,
      one.letter.domain,
      by(one),
    ]),
    ...[...fillers.values()].map((one) => [one.id, STATES[one.state], 'filler', one.domain, by(one)]),
  ];
  return rows.length === 0
    ? disarming`No letter is known yet. Teach the first one from an email: ace-onboarding letters add.`
    : columns([['ID', 'STATE', 'KIND', 'DOMAIN', 'WHO (AS STATED)'], ...rows]);
}

function by({ agreed }: LetterEntry | FillerEntry): string {
  return agreed.map((one) => one.by).join(', ') || '-';
}

export function letterShown(entry: LetterEntry, fillers: readonly string[]): Plain {
  const { letter, addresses } = entry;
  const parts = PART_NAMES.flatMap((name) => {
    const part = letter.parts[name];
    if (!part) return [];
    return [
      disarming`${name === 'text' ? 'As text:' : 'As HTML:'}`,
      ...part.paragraphs.map((paragraph, at) =>
        row(at, at === 0 ? 'subject' : at === part.decisive ? 'DECIDES' : '', paragraph),
      ),
    ];
  });
  return lines([
    disarming`${letter.id}: ${letter.kind}, ${STATES[entry.state]}`,
    disarming`Signed by:   ${letter.domain}`,
    disarming`From:        ${addresses.join(', ') || '(no address yet)'}`,
    ...history(entry),
    ...letter.attachments.map((sha256) => disarming`Attached:    the file with sha256 ${sha256}`),
    ...parts,
    ...(fillers.length > 0 ? [disarming`Filler of ${letter.domain}, which may appear anywhere or be missing:`] : []),
    ...fillers.map((paragraph) => disarming`     filler   ${paragraph}`),
  ]);
}

export function fillerShown(entry: FillerEntry): Plain {
  return lines([
    disarming`${entry.id}: filler of ${entry.domain}, ${STATES[entry.state]}`,
    ...history(entry),
    disarming`     filler   ${entry.paragraph}`,
  ]);
}

/** Who agreed. The output says that names are as stated. */
function history({ agreed, imported, revoked }: LetterEntry | FillerEntry): Plain[] {
  return [
    ...(imported ? [disarming`Imported:    ${imported.at} by ${imported.by} (as stated)`] : []),
    ...agreed.map(({ by, at, mailId }) =>
      mailId
        ? disarming`Agreed:      ${at} by ${by} (as stated), from email ${mailId}`
        : disarming`Agreed:      ${at} by ${by} (as stated)`,
    ),
    ...(revoked ? [disarming`Revoked:     ${revoked.at} by ${revoked.by} (as stated): ${revoked.reason}`] : []),
  ];
}

export function learnedShown({ letter, paragraphs, address, warnings }: Learned): Plain {
  return lines([
    disarming`${letter.id}: ${letter.kind}, signed by ${letter.domain}, from ${address}`,
    ...paragraphs.map((one) => row(one.number, roleShown(one), one.masked, one.known ? '' : 'new')),
    ...warnings.map((warning) => disarming`Warning: ${warning}`),
  ]);
}

function roleShown({ role }: LearnedParagraph): string {
  return { subject: 'subject', decides: 'DECIDES', filler: 'filler', text: '' }[role];
}

export function choicesShown(paragraphs: ShownParagraph[]): Plain {
  return lines(
    paragraphs.map(({ number, filler, masked }) =>
      row(number, number === 0 ? 'subject' : filler ? 'filler' : '', masked),
    ),
  );
}

function row(number: number, role: string, paragraph: string, mark = ''): Plain {
  return disarming`${String(number).padStart(3)}  ${role.padEnd(7)} ${mark.padEnd(3)}  ${paragraph || '(empty)'}`;
}

export function groupsShown(groups: LetterGroup[]): Plain {
  return lines(
    groups.flatMap(({ mails, domain, suggested, example, teach }) => [
      disarming`${mails} ${mails === 1 ? 'email' : 'emails'} from ${domain}, ${suggested ? `perhaps ${suggested}` : 'kind unclear'}: ${example.subject || '(no subject)'}`,
      disarming`    ${teach}`,
    ]),
  );
}
