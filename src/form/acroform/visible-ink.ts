import type { PageViewport } from 'pdfjs-dist';
import { type Canvas, drawPage, withPdfJs } from '../document/pdf-js.js';

/**
 * Whether the value of a box is visible on its page. The answer does not come from the colors, layers, and order in the
 * file, but from the dots of the page as a second library draws it, with the box painted and blank.
 */

/** A rectangle of a page, in points. */
export interface Area {
  page: number;
  left: number;
  bottom: number;
  right: number;
  top: number;
}

/** The dots of one box, row by row from the top left one. */
export interface VisibleInk {
  /** How many are visible. */
  seen: number;
  /** The invisible share of an area on the same page; 0 when no dot of it is in the box. */
  lostIn(area: Area): number;
}

/** For a box that was not drawn. */
export const NO_INK: VisibleInk = { seen: 0, lostIn: () => 1 };

/** Dots per point. */
const SCALE = 2;
/** Dots per page. A page larger than any paper is drawn with fewer dots per point. */
const MAX_DOTS = 16_000_000;
/** Contrast as the Web Content Accessibility Guidelines define it; 1 is the same color. Green on white (1.37) is visible, yellow (1.07) is not. */
const LEAST_CONTRAST = 1.3;

/** What is visible of each area: where its page in `painted` differs from the one in `blank`. */
export async function visibleInkOf(
  blank: Uint8Array,
  painted: Uint8Array,
  areas: Area[],
): Promise<Map<Area, VisibleInk>> {
  const [before, after] = [await picturesOf(blank, areas), await picturesOf(painted, areas)];
  const inks = new Map<Area, VisibleInk>();
  for (const [area, picture] of before) inks.set(area, inkOf(picture, after.get(area)?.light ?? picture.light));
  return inks;
}

/** The dots that are entirely inside an area. Others show part of what is beside it. */
interface Picture {
  left: number;
  top: number;
  width: number;
  height: number;
  /** Luminance of each dot. */
  light: Float32Array;
  placeOf: PlaceOf;
}

/** Left, top, right, and bottom edge of an area in the picture of its page, in dots, not rounded. */
type PlaceOf = (area: Area) => [number, number, number, number];

async function picturesOf(bytes: Uint8Array, areas: Area[]): Promise<Map<Area, Picture>> {
  const pictures = new Map<Area, Picture>();
  await withPdfJs(bytes, async (document) => {
    for (const number of new Set(areas.map(({ page }) => page))) {
      const page = await document.getPage(number);
      const whole = page.getViewport({ scale: SCALE });
      const scale = SCALE * Math.min(1, Math.sqrt(MAX_DOTS / (whole.width * whole.height)));
      const placeOf = placingBy(page.getViewport({ scale }));
      const canvas = await drawPage(document, number, scale);
      for (const area of areas) if (area.page === number) pictures.set(area, pictureOf(canvas, placeOf(area), placeOf));
      // Garbage collection would free the memory of both too late.
      canvas.width = canvas.height = 0;
      page.cleanup();
    }
  });
  return pictures;
}

/** A function of its own, because the result is cached and must not keep the picture alive. */
function placingBy(viewport: PageViewport): PlaceOf {
  return ({ left, bottom, right, top }) => {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = viewport.convertToViewportRectangle([left, bottom, right, top]);
    return [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
  };
}

function pictureOf(canvas: Canvas, [x1, y1, x2, y2]: ReturnType<PlaceOf>, placeOf: PlaceOf): Picture {
  const [left, top] = [Math.max(0, Math.ceil(x1)), Math.max(0, Math.ceil(y1))];
  const width = Math.max(0, Math.min(canvas.width, Math.floor(x2)) - left);
  const height = Math.max(0, Math.min(canvas.height, Math.floor(y2)) - top);
  const light = new Float32Array(width * height);
  if (light.length > 0) {
    const { data } = canvas.getContext('2d').getImageData(left, top, width, height);
    light.forEach((_, dot) => {
      light[dot] = luminance(data, dot * 4);
    });
  }
  return { left, top, width, height, light, placeOf };
}

function inkOf(picture: Picture, painted: Float32Array): VisibleInk {
  const lost = Uint8Array.from(picture.light, (dot, index) =>
    contrast(dot, painted[index] ?? dot) < LEAST_CONTRAST ? 1 : 0,
  );
  const seen = lost.filter((one) => one === 0).length;
  return seen === lost.length ? seenAll(seen) : seenPartly(seen, lost, picture);
}

function seenAll(seen: number): VisibleInk {
  return { seen, lostIn: () => 0 };
}

function seenPartly(
  seen: number,
  lost: Uint8Array,
  { left, top, width, height, placeOf }: Omit<Picture, 'light'>,
): VisibleInk {
  return {
    seen,
    lostIn(part) {
      const [x1, y1, x2, y2] = placeOf(part);
      const [fromX, toX] = [Math.max(0, Math.floor(x1) - left), Math.min(width, Math.ceil(x2) - left)];
      const [fromY, toY] = [Math.max(0, Math.floor(y1) - top), Math.min(height, Math.ceil(y2) - top)];
      let [all, gone] = [0, 0];
      for (let y = fromY; y < toY; y++)
        for (let x = fromX; x < toX; x++) {
          all++;
          gone += lost[y * width + x] ?? 0;
        }
      return all === 0 ? 0 : gone / all;
    },
  };
}

function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

function luminance(rgba: Uint8ClampedArray, at: number): number {
  const [red = 0, green = 0, blue = 0] = [LINEAR[rgba[at] ?? 0], LINEAR[rgba[at + 1] ?? 0], LINEAR[rgba[at + 2] ?? 0]];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Linear light of each shade from 0 to 255. */
const LINEAR = Array.from({ length: 256 }, (_, shade) =>
  shade <= 10 ? shade / 255 / 12.92 : ((shade / 255 + 0.055) / 1.055) ** 2.4,
);
