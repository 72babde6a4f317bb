import { pageIndexOf, type Rect, rectsOf, shownOf, shownPreset } from './build-form.js';
import { type Paper, type Picture, type PrintedForm, SCALE, type Word } from './printed-form.js';
import { type BoxRecipe, type FormRecipe, nameOf, partnerOf, type RadioRecipe, type TickRecipe } from './recipe.js';
import { contradictions, flawOf, outcomeOf, presetOf, type Values } from './recipe-rules.js';

/** Everything that is wrong with a form that was filled with these values. */
export function faultsOf(form: FormRecipe, values: Values, blank: PrintedForm, filled: PrintedForm): string[] {
  const faults = contradictions(form, values);
  form.boxes.forEach((box, index) => {
    const name = nameOf(form, index);
    const value = values[name];
    const say = (fault: string) => faults.push(`${name}: ${fault}`);
    if (value === undefined) faultsOfUntouched(form, values, index, blank, filled).forEach(say);
    else {
      const flaw = flawOf(box, value);
      if (flaw) say(`it was filled, but ${flaw}`);
      faultsOfWritten(form, values, index, filled).forEach(say);
    }
  });
  faults.push(...strayInk(form, values, blank, filled));
  return faults;
}

function faultsOfUntouched(
  form: FormRecipe,
  values: Values,
  index: number,
  blank: PrintedForm,
  filled: PrintedForm,
): string[] {
  const name = nameOf(form, index);
  const [before, after] = [blank.fields.get(name), filled.fields.get(name)];
  const faults =
    JSON.stringify(before) === JSON.stringify(after)
      ? []
      : [`it was ${JSON.stringify(before)} and is ${JSON.stringify(after)}`];
  const partner = partnerOf(form, index);
  const isShared = partner !== undefined && values[nameOf(form, partner)] !== undefined;
  const box = form.boxes[index] as BoxRecipe;
  rectsOf(form, index).forEach((rect, at) => {
    const [was, is] = [blank, filled].map((printed) => lookAt(form, index, rect, printed));
    if (isTick(box)) {
      // poppler draws ticks of its own when it is told to draw values.
      const isBeyond = box.kind === 'tick' ? box.beyond : box.hides === at;
      const isPlain = !isBeyond && !box.flags && box.flags !== 0 && !box.stamp && (!box.layer || box.layer === 'on');
      const isOn = form.needAppearances ? isPlain && isChosen(box, at, presetOf(box)) : was?.isTicked;
      if (is?.isTicked !== isOn && (isPlain || !form.needAppearances)) faults.push('its tick changed');
      return;
    }
    // Nor does it draw every value: some are left out, and a list shows all of its options.
    const anew = [shownPreset(box), outcomeOf(box, presetOf(box)).shown].map(inkOf);
    const isAnew = form.needAppearances && anew.includes(is?.text ?? '');
    if ('beyond' in box && box.beyond) return;
    if (!isShared && is?.text !== was?.text && !isAnew) faults.push(`it showed "${was?.text}" and shows "${is?.text}"`);
  });
  return faults;
}

function faultsOfWritten(form: FormRecipe, values: Values, index: number, { fields, papers }: PrintedForm): string[] {
  const box = form.boxes[index] as BoxRecipe;
  const { stored, shown } = outcomeOf(box, values[nameOf(form, index)] ?? '');
  const partner = partnerOf(form, index);
  const isShared = partner !== undefined && showsAny(form, values, partner);
  const read = fields.get(nameOf(form, index));
  const faults: string[] = [];
  if (read?.value !== stored) faults.push(`it has the value "${read?.value}" instead of "${stored}"`);
  if (stored !== '' && ((read?.fieldFlags ?? 0) & 1) === 0) faults.push('it is not locked');
  rectsOf(form, index).forEach((rect, at) => {
    const { text, isTicked, words } = lookAt(form, index, rect, { papers, fields });
    if (isTick(box)) {
      const isHidden = box.kind === 'radio' && box.hides === at;
      if (!isHidden && isTicked !== isChosen(box, at, values[nameOf(form, index)] ?? ''))
        faults.push(`its place ${at} is ${isTicked ? 'ticked' : 'not ticked'}`);
      return;
    }
    if (isShared && words.some((word) => words.some((other) => other !== word && overlap(word, other))))
      faults.push('letters of two boxes lie over each other');
    if (!isShared && text !== inkOf(shown)) faults.push(`it shows "${text}" instead of "${shown}"`);
    const { picture } = papers[pageIndexOf(form, index)] as Paper;
    const along = turnOf(form, index) % 180 === 0;
    const place = onPaper(form, index, rect);
    // Words of a box under an empty one are not its own.
    for (const word of shown === '' ? [] : words) {
      if (!isWithin(word, place, along)) faults.push(`"${word.text}" is partly outside the box`);
      if (!isSeen(picture, word, along)) faults.push(`"${word.text}" cannot be seen`);
    }
  });
  return faults;
}

/** Whether a box has text once the form is filled. */
function showsAny(form: FormRecipe, values: Values, index: number): boolean {
  const box = form.boxes[index] as BoxRecipe;
  return (values[nameOf(form, index)] ?? presetOf(box)) !== '';
}

/** Whether words share more than their edges, which are those of the font. */
function overlap(one: Word, other: Word): boolean {
  const by = 3;
  return (
    one.left + by < other.right &&
    other.left + by < one.right &&
    one.top + by < other.bottom &&
    other.top + by < one.bottom
  );
}

/** Dots that changed outside the boxes that were written or, when readers draw the values, have one. */
function strayInk(form: FormRecipe, values: Values, blank: PrintedForm, filled: PrintedForm): string[] {
  return filled.papers.flatMap(({ picture, words }, page) => {
    const boxes = form.boxes.flatMap((box, index) =>
      pageIndexOf(form, index) === page
        ? rectsOf(form, index).map((rect) => ({ box, index, place: onPaper(form, index, rect) }))
        : [],
    );
    const stray = words
      .filter((word) => !boxes.some(({ place }) => isAt(word, place)) && !isThere(word, blank.papers[page]?.words))
      .map(({ text }) => `"${text}" is in no box`);
    const changing = boxes.filter(
      ({ box, index }) => values[nameOf(form, index)] !== undefined || (form.needAppearances && presetOf(box) !== ''),
    );
    const before = blank.papers[page]?.picture;
    if (before?.width !== picture.width || before.height !== picture.height)
      return [...stray, 'the paper has another size'];
    const mask = new Uint8Array(picture.dots.length);
    for (const { place } of changing)
      eachDot(picture, grown(place, 1.5), (dot) => {
        mask[dot] = 1;
      });
    const changed = picture.dots.findIndex(
      (dot, index) => mask[index] === 0 && Math.abs(dot - (before.dots[index] ?? 0)) > 24,
    );
    if (changed < 0) return stray;
    const [x, y] = [changed % picture.width, Math.floor(changed / picture.width)].map((at) => Math.round(at / SCALE));
    return [...stray, `page ${page + 1} changed outside the boxes that were filled, at ${x}, ${y}`];
  });
}

type Place = Omit<Word, 'text'>;

/** A rectangle of a page on the paper, which is the page turned as the file says. */
function onPaper(form: FormRecipe, index: number, [x1, y1, x2, y2]: Rect): Place {
  const page = form.pages[pageIndexOf(form, index)] ?? {};
  const [left, bottom, right, top] = shownOf(page);
  switch (page.rotate) {
    case 90:
      return { left: y1 - bottom, right: y2 - bottom, top: x1 - left, bottom: x2 - left };
    case 180:
      return { left: right - x2, right: right - x1, top: y1 - bottom, bottom: y2 - bottom };
    case 270:
      return { left: top - y2, right: top - y1, top: right - x2, bottom: right - x1 };
    default:
      return { left: x1 - left, right: x2 - left, top: top - y2, bottom: top - y1 };
  }
}

/** By how much text is turned on the paper, counterclockwise. */
function turnOf(form: FormRecipe, index: number): number {
  const box = form.boxes[index];
  const { rotate = 0 } = form.pages[pageIndexOf(form, index)] ?? {};
  return (360 + (box?.kind === 'text' ? (box.turned ?? 0) : 0) - rotate) % 360;
}

const isTick = (box: BoxRecipe): box is TickRecipe | RadioRecipe => box.kind === 'tick' || box.kind === 'radio';

function isChosen(box: TickRecipe | RadioRecipe, at: number, value: string): boolean {
  return box.kind === 'tick' ? value === 'true' : box.on[at] === value;
}

function lookAt(form: FormRecipe, index: number, rect: Rect, { papers }: PrintedForm) {
  const { words, picture } = papers[pageIndexOf(form, index)] as Paper;
  const place = onPaper(form, index, rect);
  const own = inOrder(
    words.filter((word) => isAt(word, place)),
    turnOf(form, index),
  );
  const box = form.boxes[index] as BoxRecipe;
  return {
    words: own,
    text: inkOf(own.map(({ text }) => text).join('')),
    isTicked: isTick(box) ? darkest(picture, grown(place, -5)) < 64 : undefined,
  };
}

/** Combs and line ends add and take away spaces. */
const inkOf = (text: string) => text.normalize('NFKC').replace(/\s/g, '');

/** Letters that a drawing of the blank form has where no one sees them. */
const isThere = (word: Word, words: Word[] = []) =>
  words.some((other) => JSON.stringify(other) === JSON.stringify(word));

const middleOf = ({ left, right, top, bottom }: Place): [number, number] => [(left + right) / 2, (top + bottom) / 2];
const grown = ({ left, top, right, bottom }: Place, by: number): Place => ({
  ...{ left: left - by, top: top - by, right: right + by, bottom: bottom + by },
});

function isAt(word: Word, place: Place): boolean {
  const [x, y] = middleOf(word);
  const { left, right, top, bottom } = grown(place, 3);
  return x >= left && x <= right && y >= top && y <= bottom;
}

/** All of a word along its line, and the middle of its height: its edges are those of the font, not of the letters. */
function isWithin(word: Word, place: Place, isLevel: boolean): boolean {
  const [x, y] = middleOf(word);
  const middle = isLevel ? { ...word, top: y, bottom: y } : { ...word, left: x, right: x };
  const { left, right, top, bottom } = grown(place, 0.5);
  return middle.left >= left && middle.right <= right && middle.top >= top && middle.bottom <= bottom;
}

/** Line by line, along the lines. */
function inOrder(words: Word[], turn: number): Word[] {
  const position = (word: Word): [along: number, line: number] => {
    const [x, y] = middleOf(word);
    return ({ 90: [-y, x], 180: [-x, -y], 270: [y, -x] } as Record<number, [number, number]>)[turn] ?? [x, y];
  };
  const height = (word: Word) => (turn % 180 === 0 ? word.bottom - word.top : word.right - word.left);
  return words
    .map((word) => ({ word, at: position(word) }))
    .sort(({ at: one, word }, { at: other }) =>
      Math.abs(one[1] - other[1]) < height(word) / 2 ? one[0] - other[0] : one[1] - other[1],
    )
    .map(({ word }) => word);
}

/** Shades that letters must differ from what is behind them. */
const LEAST_SHADES = 24;

/** Whether each part of a word, about two letters wide, has something to see. */
function isSeen(picture: Picture, word: Word, isLevel: boolean): boolean {
  const parts = Math.max(1, Math.floor([...word.text].length / 2));
  const [from, to] = isLevel ? [word.left, word.right] : [word.top, word.bottom];
  return Array.from({ length: parts }, (_, at) =>
    [at, at + 1].map((edge) => from + ((to - from) * edge) / parts),
  ).every(([start = 0, end = 0]) => {
    const part = isLevel ? { ...word, left: start, right: end } : { ...word, top: start, bottom: end };
    let [dark, light] = [255, 0];
    eachDot(picture, part, (dot) => {
      const shade = picture.dots[dot] ?? 0;
      dark = Math.min(dark, shade);
      light = Math.max(light, shade);
    });
    return light - dark >= LEAST_SHADES;
  });
}

function darkest(picture: Picture, place: Place): number {
  let dark = 255;
  eachDot(picture, place, (dot) => {
    dark = Math.min(dark, picture.dots[dot] ?? 255);
  });
  return dark;
}

function eachDot({ width, height }: Picture, place: Place, see: (dot: number) => void): void {
  const [left, right] = [Math.max(0, Math.floor(place.left * SCALE)), Math.min(width, Math.ceil(place.right * SCALE))];
  const [top, bottom] = [Math.max(0, Math.floor(place.top * SCALE)), Math.min(height, Math.ceil(place.bottom * SCALE))];
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) see(y * width + x);
}
