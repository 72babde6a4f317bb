import type { ProvenPlaces } from '../document/form-document.js';
import type { FormField } from '../document/form-field.js';
import type { PreparedValue, ValueProblem } from '../document/plain-value.js';
import { TemplateCache } from '../document/read-back.js';
import { type Area, NO_INK, type VisibleInk, visibleInkOf } from './visible-ink.js';

/** One place where a value is drawn. */
export interface Spot {
  prepared: PreparedValue;
  /** Which of the field's places. */
  index: number;
  box: Area;
  /** Where each letter goes. Empty for a check box. */
  letters: Area[];
}

/** Visible dots that make a check mark: one square point. */
const TICK_DOTS = 4;
/** How much of its area a letter may lose and still be readable: as much as its descender. */
const LOSS = 0.25;
/** Points by which boxes side by side may overlap. */
const TOUCH = 0.5;
/** Points by which the areas of two letters may overlap: no letter fills its area. */
const COVER = 2;
/** Far more than a form has boxes. */
const MAX_CACHE = 50_000;

/** What is visible of each box of a template, by its `circumstances`. */
const templates = new TemplateCache<Map<string, VisibleInk>>();

/** The form with these places filled with the color of their text, and with check marks where a box is checked. */
type Paint = (spots: Spot[]) => Promise<Uint8Array>;

/**
 * The values that would be invisible in their boxes: the text has the background color, a box or stamp covers it, or the
 * check mark has an empty drawing. Drawing pages takes longer than filling them, and what is visible of a box depends
 * neither on its value nor on boxes elsewhere. So each box is drawn once, and every value is compared with the result.
 * A box that was proven for any value is not drawn at all.
 */
export async function invisibleValues(
  spots: Spot[],
  template: Uint8Array,
  painted: Paint,
  isProven: (field: FormField) => boolean,
  /** Values of the blank form that stay. */
  staying: Spot[],
): Promise<Map<PreparedValue, ValueProblem>> {
  const known = await templates.known(template, async () => new Map());
  if (known.size > MAX_CACHE) known.clear();
  const problems = collisions(spots, staying);
  const written = spots
    .filter(({ prepared }) => prepared.value !== '' && !isProven(prepared.field))
    .map((spot) => ({ spot, key: circumstances(spot, spots) }));
  const unknown = written.filter(({ key }) => !known.has(key));
  const inks = await look(
    unknown.map(({ spot }) => spot),
    painted,
  );
  for (const { spot, key } of unknown) known.set(key, inks.get(spot.box) ?? NO_INK);
  for (const { spot, key } of written) {
    const ink = known.get(key) ?? NO_INK;
    if (!isSeen(spot, ink)) problems.set(spot.prepared, problemOf(spot, ink));
  }
  return problems;
}

/** Values of which letters would lie over those of another box. */
function collisions(spots: Spot[], staying: Spot[]): Map<PreparedValue, ValueProblem> {
  const problems = new Map<PreparedValue, ValueProblem>();
  const lettered = spots.filter(({ letters }) => letters.length > 0);
  for (const [index, one] of lettered.entries())
    for (const other of [...lettered.slice(index + 1), ...staying])
      if (
        one.prepared.field !== other.prepared.field &&
        overlap(one.box, other.box) &&
        one.letters.some((letter) => other.letters.some((beside) => overlap(letter, beside, COVER)))
      )
        problems.set(one.prepared, {
          problem: `would be printed in ${one.prepared.field.name} over the value of ${other.prepared.field.name}.`,
          remedy: 'Fill in only one of the two boxes, and clear the other.',
        });
  return problems;
}

/**
 * Boxes that hide whatever goes in, and those that must be drawn with each value: something covers a part of them, or
 * they lie over each other. `spots` have the whole inside of a box as their one letter.
 */
export async function provenPlaces(
  spots: Spot[],
  painted: Paint,
  /** Which of them have to be looked at; the others are only in the way. */
  isNew: (spot: Spot) => boolean,
): Promise<ProvenPlaces> {
  const unknown = spots.filter(isNew);
  const inks = await look(unknown, painted);
  const toDraw = new Set<string>();
  const hidden = new Map<FormField, ValueProblem>();
  for (const spot of unknown) {
    const { field } = spot.prepared;
    const ink = inks.get(spot.box) ?? NO_INK;
    if (spot.letters.length === 0 ? ink.seen < TICK_DOTS : ink.seen === 0) hidden.set(field, problemOf(spot, ink));
    else if (
      spot.letters.some((inside) => ink.lostIn(inside) > 0) ||
      spots.some((other) => other.prepared.field !== field && overlap(spot.box, other.box))
    )
      toDraw.add(field.name);
  }
  return { toDraw: [...toDraw].sort(), hidden: [...hidden].map(([field, problem]) => ({ field, problem })) };
}

/** What decides how much of a box is visible, apart from its page: the box itself and those that overlap it. */
function circumstances(spot: Spot, spots: Spot[]): string {
  const involved = [spot, ...spots.filter((other) => other !== spot && overlap(spot.box, other.box))];
  return JSON.stringify(
    involved.map(({ prepared: { field, value, layouts }, index }) => [
      field.name,
      index,
      layouts.length === 0 ? value : value !== '',
    ]),
  );
}

async function look(spots: Spot[], painted: (spots: Spot[]) => Promise<Uint8Array>): Promise<Map<Area, VisibleInk>> {
  if (spots.length === 0) return new Map();
  const blank = await painted([]);
  const inks: [Area, VisibleInk][] = [];
  for (const group of apart(spots))
    inks.push(
      ...(await visibleInkOf(
        blank,
        await painted(group),
        group.map(({ box }) => box),
      )),
    );
  return new Map(inks);
}

/** Groups of boxes that do not touch each other, so that the paint of one is not mistaken for another's. */
function apart(spots: Spot[]): Spot[][] {
  const groups: Spot[][] = [];
  for (const spot of spots) {
    const group = groups.find((others) => !others.some((other) => overlap(spot.box, other.box)));
    if (group) group.push(spot);
    else groups.push([spot]);
  }
  return groups;
}

export function overlap(one: Area, other: Area, by = TOUCH): boolean {
  return (
    one.page === other.page &&
    one.left + by < other.right &&
    other.left + by < one.right &&
    one.bottom + by < other.top &&
    other.bottom + by < one.top
  );
}

function isSeen({ letters }: Spot, ink: VisibleInk): boolean {
  if (letters.length === 0) return ink.seen >= TICK_DOTS;
  return letters.every((letter) => ink.lostIn(letter) <= LOSS);
}

function problemOf({ prepared: { field }, letters }: Spot, ink: VisibleInk): ValueProblem {
  const remedy =
    'Look at that box with "ace-onboarding form preview". Map another box, or have a person fill the form.';
  if (letters.length === 0) return { problem: `would choose ${field.name}, but no one would see it there.`, remedy };
  return {
    problem: `would go into ${field.name}, where no one would see ${ink.seen === 0 ? 'it' : 'all of it'}: something lies over the box, or its letters have the color of what is behind them.`,
    remedy,
  };
}
