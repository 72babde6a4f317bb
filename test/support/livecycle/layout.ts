import type { Box, SectionOfForm } from './sections.js';

/** Points from the upper left corner of the page. */
export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedBox {
  box: Box;
  section: SectionOfForm;
  /** Position among boxes of the same name in the section. */
  index: number;
  cell: Rectangle;
  /** Without the words above or beside it. */
  inner: Rectangle;
}

export interface PlacedSection {
  section: SectionOfForm;
  area: Rectangle;
  boxes: PlacedBox[];
}

export const PAGE = { width: 612, height: 792, margin: 36, top: 72 };
const INNER = PAGE.width - 2 * PAGE.margin;
export const TITLE = 18;
const NOTE = 14;
const CAPTION = 11;

/** Where everything is: one section below the other, row by row. */
export function placed(sections: SectionOfForm[]): PlacedSection[] {
  let y = PAGE.top;
  return sections.map((section) => {
    const top = y;
    const indexes = new Map<string, number>();
    y += TITLE + (section.note ? NOTE : 0);
    const boxes = section.rows.flatMap(({ height = 34, boxes: inRow }) => {
      let x = PAGE.margin;
      const row = inRow.map((box): PlacedBox => {
        const cell = { x, y, width: box.share * INNER, height };
        x += cell.width;
        const index = indexes.get(box.name) ?? 0;
        indexes.set(box.name, index + 1);
        return { box, section, index, cell, inner: innerOf(box, cell) };
      });
      y += height;
      return row;
    });
    const area = { x: PAGE.margin, y: top, width: INNER, height: y - top };
    y += 12;
    return { section, area, boxes };
  });
}

function innerOf({ kind }: Box, { x, y, width, height }: Rectangle): Rectangle {
  if (kind === 'tick') return { x: x + 4, y: y + height / 2 - 6, width: 12, height: 12 };
  if (kind === 'bubbles') return { x: x + 4, y: y + height - 15, width: width - 8, height: 11 };
  return { x: x + 3, y: y + CAPTION, width: width - 6, height: height - CAPTION - 3 };
}

/** Each bubble of a group. */
export function bubblePlaces({ box, inner }: PlacedBox): (Rectangle & { on: string; label: string })[] {
  const options = box.options ?? [];
  const share = inner.width / options.length;
  return options.map((option, index) => ({
    ...option,
    x: inner.x + share * index,
    y: inner.y,
    width: 11,
    height: 11,
  }));
}

/** What a screen reader speaks. */
export function tooltipOf({ box, section }: PlacedBox): string {
  return `${section.spoken}. ${box.ask ?? box.caption}.`;
}
