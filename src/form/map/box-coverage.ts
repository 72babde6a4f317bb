import { type ApplicationField, valueKindOf } from './application-fields.js';
import { type FieldMap, type FilledEntry, isFilled } from './field-map.js';
import { type FormatProblem, piecesIn, piecesOf } from './value-format.js';

/**
 * Whether the boxes of a value have all of it between them. A value may be spread over boxes in two ways: as characters,
 * with `part`, or in pieces that formats name, such as the month, the day and the year.
 */

/** Boxes that have the characters of one value, in order and without gaps, up to `end`. */
export interface Spread {
  slot: ApplicationField;
  format: string | undefined;
  boxes: FilledEntry[];
  end: number;
}

export interface CoverageProblem extends FormatProblem {
  entry: FilledEntry;
}

export interface BoxCoverage {
  spreads: Spread[];
  /** Values of which a part or a piece has no box, or has two. */
  problems: CoverageProblem[];
}

export function coverageOf(map: FieldMap): BoxCoverage {
  const { spreads, problems } = spreadsOf(map);
  return { spreads, problems: [...problems, ...missingPieces(map)] };
}

function spreadsOf(map: FieldMap): BoxCoverage {
  const spreads: (Spread & { section: string })[] = [];
  const problems: CoverageProblem[] = [];
  const parts = map.fields.filter(isFilled).flatMap((entry) => (entry.part ? [{ entry, part: entry.part }] : []));
  // By where they start, so that the box before each one is known when its turn comes.
  for (const { entry, part } of parts.sort((one, other) => one.part.start - other.part.start)) {
    const same = spreads.filter(
      ({ slot, format, section }) => slot === entry.fill && format === entry.format && section === entry.section,
    );
    const before = same.find(({ end }) => end === part.start);
    if (part.start === 0)
      spreads.push({ slot: entry.fill, format: entry.format, section: entry.section, boxes: [entry], end: part.end });
    else if (before) {
      before.boxes.push(entry);
      before.end = part.end;
    } else {
      const end = Math.max(0, ...same.map((spread) => spread.end));
      problems.push({
        entry,
        problem:
          end > part.start
            ? `begins at character ${part.start} of ${entry.fill}, but another box already goes to ${end}.`
            : `begins at character ${part.start} of ${entry.fill}, but no box has those from ${end} on.`,
        remedy: `Begin the "part" where the one before ends, and the first one at 0, with the same format and section.`,
      });
    }
  }
  return { spreads, problems };
}

/** A year without its day, or the last four digits of a ZIP code without the first five. */
function missingPieces(map: FieldMap): CoverageProblem[] {
  const entries = map.fields.filter((entry): entry is FilledEntry => isFilled(entry) && entry.options === undefined);
  return entries.flatMap((entry) => {
    const needed = piecesOf(valueKindOf(entry.fill));
    const own = piecesIn(entry.format);
    if (own.includes('whole')) return [];
    const beside = entries.filter(({ fill, section }) => fill === entry.fill && section === entry.section);
    const had = new Set(beside.flatMap(({ format }) => piecesIn(format)));
    if (had.has('whole')) return [];
    const missing = needed.filter((piece) => !had.has(piece));
    return missing.length === 0
      ? []
      : [
          {
            entry,
            problem: `gets only ${own.join(' and ')} of ${entry.fill}: ${missing.join(' and ')} would be on no box of the section.`,
            remedy: 'Choose a format that has all of it, or map the boxes for the rest, in the same section.',
          },
        ];
  });
}
