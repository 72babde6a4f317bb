import { isSystemError } from '../../files/durable-file.js';
import type { DraftMap, OpenEntry } from '../../form/draft/draft-map.js';
import { entryInWords, numbered } from '../../form/draft/number-boxes.js';
import { isOpenEntry, LEFT } from '../../form/draft/open-questions.js';
import { type ApplicationField, pathOf } from '../../form/map/application-fields.js';
import { FieldMapError, type MapEntry, parseFieldMap, type Section } from '../../form/map/field-map.js';
import type { InspectedField } from '../../form/map/inspect-form.js';
import { acceptanceOf } from '../../form/map/usable-map.js';
import { CommandFailure, EXIT } from '../../process/output.js';
import { columns, Plain, plain } from '../../process/plain-text-output.js';
import { type Box, captionOf, type HowToWrite } from './box-questions.js';
import { readJsonFile, replaceMap } from './form-files.js';

export type EntryInWork = MapEntry | OpenEntry;

/** A map that a person is completing: on disk after each answer, so that nothing is lost when the person leaves. */
export class MapInWork {
  draft!: DraftMap;
  readonly boxes: Box[];

  /** @param known what `mapAt` found at `file` */
  constructor(
    readonly file: string,
    readonly known: DraftMap | undefined,
    fields: InspectedField[],
  ) {
    this.boxes = numbered(fields);
  }

  /**
   * The map that is there, completed with what a fresh draft has more, or the draft.
   * @throws CommandFailure when it is of another file
   */
  takeUp(drafted: DraftMap): void {
    const { known } = this;
    if (known && known.fingerprint !== drafted.fingerprint)
      throw new CommandFailure(
        EXIT.conflict,
        plain`${this.file} is the map of another file. Choose another --map, and add --from ${this.file} to keep what still fits.`,
      );
    const entries = new Map(known?.fields.map((entry) => [entry.field, entry]));
    const present = new Set(drafted.fields.map(({ field }) => field));
    this.draft = {
      ...drafted,
      ...known,
      fields: [
        ...drafted.fields.map((entry) => entries.get(entry.field) ?? entry),
        ...(known?.fields ?? []).filter(({ field }) => !present.has(field)),
      ],
    };
  }

  /** Changed by hand in the meantime. */
  async readAgain(): Promise<void> {
    this.draft = (await mapAt(this.file)) ?? this.draft;
  }

  /** Who accepted it, if it is still as it was then. */
  get acceptedBy(): string | undefined {
    try {
      return acceptanceOf(parseFieldMap(this.draft))?.by;
    } catch (error) {
      if (error instanceof FieldMapError) return undefined;
      throw error;
    }
  }

  entry({ field }: Box): EntryInWork {
    const entry = this.draft.fields.find((one) => one.field === field.name);
    return entry ?? { field: field.name, section: 'other', fill: '?' };
  }

  open(section?: Section): { number: number; entry: OpenEntry }[] {
    return this.boxes.flatMap((box) => {
      const entry = this.draft.fields.find(({ field }) => field === box.field.name);
      return entry && isOpenEntry(entry) && (section === undefined || entry.section === section)
        ? [{ number: box.number, entry }]
        : [];
    });
  }

  /** Boxes that no one decided on, and those left without a reason of their own. */
  free(section: Section): { number: number; entry: EntryInWork }[] {
    return this.boxes.flatMap((box) => {
      const entry = this.entry(box);
      const isFree = isOpenEntry(entry) || ('leave' in entry && LEFT.some(({ reason }) => reason === entry.leave));
      return isFree && entry.section === section && !box.field.readOnly && !box.field.unfillable
        ? [{ number: box.number, entry }]
        : [];
    });
  }

  /** All of them, in columns when they are many, and what is in them already. */
  list(here: readonly { number: number; entry: EntryInWork }[]): Plain[] {
    const across = here.length > MOST_SHOWN ? 3 : 1;
    const cells = here.map(({ number, entry }) => {
      const caption = captionOf(entry);
      const most = across === 1 ? caption.length : SHORTEST_CAPTION;
      return [`  ${number}`, caption.length > most ? `${caption.slice(0, most - 1).trimEnd()}…` : caption];
    });
    const rows = Array.from({ length: Math.ceil(cells.length / across) }, (_, row) =>
      Array.from({ length: across }, (_, column) => cells[row * across + column] ?? ['', '']).flat(),
    );
    return [
      ...(rows.length > 0 ? [columns(rows)] : []),
      ...here.flatMap(({ number }) => {
        const value = this.boxes[number - 1]?.field.value;
        return value ? [plain`  Box ${number} already contains "${value.slice(0, 40)}".`] : [];
      }),
    ];
  }

  /** Whether anything goes into a section. */
  fills(section: Section): boolean {
    return this.draft.fields.some((entry) => entry.section === section && 'fill' in entry && entry.fill !== '?');
  }

  /** What a finding is about, a box or a value, with the numbers of its boxes. */
  numbersFor(about: string): string {
    const boxes = this.boxes.filter((box) => {
      const entry = this.entry(box);
      const slot = 'fill' in entry && entry.fill !== '?' ? entry.fill : undefined;
      return box.field.name === about || (slot !== undefined && (slot === about || pathOf(slot) === about));
    });
    if (boxes.length === 0) return about;
    const numbers = boxes.map(({ number }) => number).join(', ');
    const [only] = boxes;
    return only?.field.name === about ? `box ${numbers}, ${captionOf(only.field)}` : `${about} (box ${numbers})`;
  }

  /** A box that is still open, or was left: naming it opens it again. */
  boxFor(answer: string): Box | Plain {
    const box = this.anyBox(answer);
    if (box instanceof Plain) return box;
    const entry = this.entry(box);
    return isOpenEntry(entry) || 'leave' in entry
      ? box
      : plain`Box ${box.number} is decided: ${entryInWords(entry)}. Type the number of another box; you can change decided ones at the end.`;
  }

  /** Numbers of boxes in one answer, with commas or spaces between them. Undefined: it is something else. */
  boxesIn(answer: string, read = (number: string) => this.anyBox(number)): Box[] | Plain | undefined {
    if (!/^\d[\d\s,;]*$/.test(answer)) return undefined;
    const found = answer
      .split(/[\s,;]+/)
      .filter(Boolean)
      .map(read);
    return found.find((one) => one instanceof Plain) ?? found.flatMap((one) => (one instanceof Plain ? [] : one));
  }

  anyBox(answer: string): Box | Plain {
    const box = /^\d+$/.test(answer) ? this.boxes[Number(answer) - 1] : undefined;
    if (!box) return plain`"${answer}" is not the number of a box: they go from 1 to ${this.boxes.length}.`;
    if (box.field.unfillable) return plain`Box ${box.number} cannot be filled: it ${box.field.unfillable}.`;
    return box;
  }

  async put(entry: EntryInWork): Promise<void> {
    this.replace(entry);
    await this.save();
  }

  replace(entry: EntryInWork): void {
    const at = this.draft.fields.findIndex(({ field }) => field === entry.field);
    if (at >= 0) this.draft.fields[at] = entry;
    else this.draft.fields.push(entry);
  }

  async save(): Promise<void> {
    await replaceMap(this.file, this.draft);
  }
}

/** Longer lists take several boxes a line, with captions of so many letters: the drawing has the full ones. */
const MOST_SHOWN = 20;
const SHORTEST_CAPTION = 22;

/**
 * The map in a file, if there is one: finished or not.
 * @throws CommandFailure when it is something else
 */
export async function mapAt(file: string): Promise<DraftMap | undefined> {
  let json: unknown;
  try {
    json = await readJsonFile(file);
  } catch (error) {
    if (error instanceof CommandFailure && error.exitCode === EXIT.notFound && !(await exists(file))) return undefined;
    throw error;
  }
  const { fields, fingerprint } = (json ?? {}) as Partial<DraftMap>;
  const sound = Array.isArray(fields) && fields.every((entry) => typeof entry?.field === 'string');
  if (!sound || typeof fingerprint !== 'string')
    throw new CommandFailure(EXIT.invalid, plain`${file} is not a field map. Choose another --map.`);
  return json as DraftMap;
}

export function headOf({
  field,
  section,
  caption,
  activity,
}: EntryInWork): Pick<OpenEntry, 'field' | 'section' | 'caption' | 'activity'> {
  return { field, section, ...(caption ? { caption } : {}), ...(activity ? { activity } : {}) };
}

/** What a map says of a box that is filled in. Where the box is stays as the draft found it. */
export function filledEntry(
  entry: EntryInWork,
  fill: ApplicationField,
  section: Section,
  writing: HowToWrite,
): MapEntry {
  const head = headOf(entry);
  const isImporters = fill === 'importer.primary' || fill === 'importerNumber';
  return { ...head, section, ...(isImporters && !head.activity ? { activity: 'importer' } : {}), fill, ...writing };
}

async function exists(file: string): Promise<boolean> {
  const { stat } = await import('node:fs/promises');
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw error;
  }
}
