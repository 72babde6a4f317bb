import {
  degrees,
  PDFBool,
  PDFDict,
  PDFDocument,
  PDFHexString,
  PDFName,
  PDFRef,
  PDFString,
  StandardFonts,
} from 'pdf-lib';
import { type BoxRecipe, type FormRecipe, nameOf, type ScriptRecipe, textBoxes, underOf } from './recipe.js';

/** Left, bottom, right, top. */
export type Rect = [number, number, number, number];

const LEFT = 10;
const BOTTOM = 20;
const SIDE = 600;
const CROP = 20;

/** What a page shows. */
export function shownOf({ crop }: { crop?: true }): Rect {
  const edge = crop ? CROP : 0;
  return [LEFT + edge, BOTTOM + edge, LEFT + SIDE - edge, BOTTOM + SIDE - edge];
}

/** The page of a box, counted from 0. */
export const pageIndexOf = (form: FormRecipe, index: number): number => index % form.pages.length;

/** Where the widgets of a box are on its page. */
export function rectsOf(form: FormRecipe, index: number): Rect[] {
  const box = form.boxes[index] as BoxRecipe;
  const place = underOf(form, index) ?? index;
  const slot = Math.floor(place / form.pages.length);
  const isBeyond = 'beyond' in box && box.beyond;
  const [first, second] = isBeyond ? ([-10, SIDE - 5] as const) : ([30, 310] as const);
  const x = LEFT + (slot % 2 === 0 ? first : second);
  const y = BOTTOM + 30 + 135 * (3 - Math.floor(slot / 2));
  if (box.kind === 'tick') return [[x, y, x + 16, y + 16]];
  if (box.kind === 'radio') return box.on.map((_, at) => [x + 30 * at, y, x + 30 * at + 16, y + 16]);
  if (box.kind !== 'text') return [[x, y, x + 150, y + (box.kind === 'list' ? 40 : 20)]];
  const upright = (box.turned ?? 0) % 180 === 0;
  const [width, height] = upright ? [box.width, box.height] : [box.height, Math.min(box.width, box.twice ? 60 : 130)];
  return (box.twice ? [0, 65] : [0]).map((up) => [x, y + up, x + width, y + up + height]);
}

const FLAGS = { readOnly: 1, required: 2, multiline: 1 << 12, comb: 1 << 24, radio: 1 << 15, unison: 1 << 25 };
const LIST_FLAGS = { combo: 1 << 17, edit: 1 << 18 };
const GRAY = { white: [1], black: [0], gray: [0.8] };

/** The PDF of a recipe. */
export async function buildForm(form: FormRecipe): Promise<Uint8Array> {
  const pdf = await PDFDocument.create({ updateMetadata: false });
  return new Builder(pdf, form, (await pdf.embedFont(StandardFonts.Helvetica)).ref).build();
}

type Entries = Record<string, unknown>;

class Builder {
  private readonly annotations: PDFRef[][];
  private readonly layers = new Map<string, PDFRef>();
  private readonly grouped: PDFRef[] = [];
  private readonly listed: PDFRef[] = [];
  private readonly computed: PDFRef[] = [];

  constructor(
    private readonly pdf: PDFDocument,
    private readonly form: FormRecipe,
    private readonly font: PDFRef,
  ) {
    this.annotations = form.pages.map(() => []);
  }

  async build(): Promise<Uint8Array> {
    const { pdf, form } = this;
    const group = this.form.boxes.some(({ grouped }) => grouped)
      ? this.add({ T: PDFHexString.fromText('g'), Kids: [] })
      : undefined;
    form.boxes.forEach((box, index) => {
      this.addBox(box, index, group);
    });
    for (const [index, box] of form.boxes.entries()) if (box.stamp) this.addStamp(index, box.stamp);
    if (group) {
      const nameless = { Parent: group, FT: 'Tx', ...this.widget() };
      const kid = this.add({ ...nameless, Rect: [LEFT + 560, BOTTOM + 565, LEFT + 575, BOTTOM + 575] });
      this.annotations[0]?.push(kid);
      this.dict(group).set(PDFName.of('Kids'), pdf.context.obj([...this.grouped, kid]));
      this.listed.push(group);
    }
    form.pages.forEach((recipe, index) => {
      const page = pdf.addPage([SIDE, SIDE]);
      page.setMediaBox(LEFT, BOTTOM, SIDE, SIDE);
      if (recipe.crop) page.setCropBox(LEFT + CROP, BOTTOM + CROP, SIDE - 2 * CROP, SIDE - 2 * CROP);
      if (recipe.rotate) page.setRotation(degrees(recipe.rotate));
      page.node.set(PDFName.of('Annots'), pdf.context.obj(this.annotations[index] ?? []));
    });
    const acroForm = {
      ...{ Fields: this.listed, CO: this.computed, DA: PDFString.of('/Helv 10 Tf 0 g') },
      ...{ DR: { Font: { Helv: this.font } } },
      ...(form.needAppearances ? { NeedAppearances: PDFBool.True } : {}),
    };
    pdf.catalog.set(PDFName.of('AcroForm'), pdf.context.obj(acroForm as never));
    this.listLayers();
    if (form.encrypted) pdf.encrypt({ userPassword: '', ownerPassword: 'owner', permissions: { fillingForms: true } });
    return pdf.save({ updateFieldAppearances: false });
  }

  private addBox(box: BoxRecipe, index: number, group: PDFRef | undefined): void {
    const rects = rectsOf(this.form, index);
    const isGrouped = box.grouped && group && !box.unlisted;
    const field: Entries = {
      T: PDFHexString.fromText(`b${index}`),
      ...(box.caption === undefined ? {} : { TU: PDFHexString.fromText(box.caption) }),
      ...(isGrouped ? { Parent: group } : {}),
      ...this.fieldEntries(box),
    };
    const widgets = rects.map((Rect, at) => ({
      ...this.widget(box.kind === 'radio' && box.hides === at ? { ...box, flags: 2 } : box),
      Rect,
      ...this.looks(box, at, Rect),
    }));
    const [only = {}] = widgets;
    const isMerged = widgets.length === 1 && !(box.kind === 'text' && box.valueOnKids);
    const ref = isMerged ? this.add({ ...field, ...only, ...this.actions(box, index) }) : this.add(field);
    const kids = isMerged ? [ref] : widgets.map((widget) => this.add({ ...widget, Parent: ref }));
    if (!isMerged) {
      const dict = this.dict(ref);
      dict.set(PDFName.of('Kids'), this.pdf.context.obj(kids));
      for (const [key, value] of Object.entries(this.actions(box, index)))
        dict.set(PDFName.of(key), this.pdf.context.obj(value as never));
    }
    if (box.kind === 'text' && box.valueOnKids && box.preset !== undefined)
      for (const kid of kids) this.dict(kid).set(PDFName.of('V'), PDFHexString.fromText(box.preset));
    this.annotations[pageIndexOf(this.form, index)]?.push(...kids);
    if (isGrouped) this.grouped.push(ref);
    else if (!box.unlisted) this.listed.push(ref);
    if (box.kind === 'text' && inputsOf(box.script)) this.computed.push(ref);
  }

  private fieldEntries(box: BoxRecipe): Entries {
    const shared = (box.readOnly ? FLAGS.readOnly : 0) | (box.required ? FLAGS.required : 0);
    switch (box.kind) {
      case 'text': {
        const Ff = shared | (box.multiline ? FLAGS.multiline : 0) | (box.comb ? FLAGS.comb : 0);
        const most = box.comb ?? box.maxLength;
        return {
          ...{ FT: 'Tx', Ff },
          ...(most === undefined ? {} : { MaxLen: most }),
          ...(box.preset === undefined || box.valueOnKids ? {} : { V: PDFHexString.fromText(box.preset) }),
        };
      }
      case 'tick':
        return { FT: 'Btn', Ff: shared, ...(box.preset ? { V: named(box.on) } : {}) };
      case 'radio': {
        const Opt = box.labels?.map((label) => PDFHexString.fromText(label));
        return {
          ...{ FT: 'Btn', Ff: shared | FLAGS.radio | (box.unison ? FLAGS.unison : 0), ...(Opt ? { Opt } : {}) },
          ...(box.preset === undefined ? {} : { V: named(stateOf(box, box.on.indexOf(box.preset))) }),
        };
      }
      default: {
        const combo = box.kind === 'dropdown' ? LIST_FLAGS.combo | (box.editable ? LIST_FLAGS.edit : 0) : 0;
        const Opt = box.options.map((pair) => pair.map((part) => PDFHexString.fromText(part)));
        return {
          ...{ FT: 'Ch', Ff: shared | combo, Opt },
          ...(box.preset === undefined ? {} : { V: PDFHexString.fromText(box.preset) }),
        };
      }
    }
  }

  private widget({ flags, layer }: Pick<BoxRecipe, 'flags' | 'layer'> = {}): Entries {
    return { Type: 'Annot', Subtype: 'Widget', F: flags ?? 4, ...(layer ? { OC: this.layer(layer) } : {}) };
  }

  private looks(box: BoxRecipe, at: number, [left, bottom, right, top]: Rect): Entries {
    if (box.kind === 'tick' || box.kind === 'radio') {
      const state = box.kind === 'tick' ? box.on : stateOf(box, at);
      const preset = box.kind === 'tick' ? (box.preset ? box.on : undefined) : box.preset;
      const isOn = preset !== undefined && (box.kind === 'tick' || box.on[at] === preset);
      const [drawing, nothing] = ['0 0 16 16 re f', ''].map((content) => this.drawing(content, 16, 16));
      return { AS: isOn ? named(state) : PDFName.of('Off'), AP: { N: { [escaped(state)]: drawing, Off: nothing } } };
    }
    const [width, height] = [right - left, top - bottom];
    const shown = { stale: 'Stale', empty: '', missing: undefined, right: shownPreset(box) }[box.drawn ?? 'right'];
    const AP =
      box.preset === undefined || shown === undefined
        ? {}
        : { AP: { N: this.drawing(shown && this.letters(shown, height), width, height) } };
    if (box.kind !== 'text') return AP;
    const { size = 10, color, background, border, align, turned } = box;
    const ink = color === 'white' ? '1 g' : color === 'navy' ? '0 0 .4 rg' : '0 g';
    const MK = {
      ...(turned ? { R: turned } : {}),
      ...(background && !box.over ? { BG: GRAY[background] } : {}),
      ...(border ? { BC: [0] } : {}),
    };
    return {
      ...{ DA: PDFString.of(`/Helv ${size} Tf ${ink}`), MK, ...AP },
      ...(border ? { BS: { W: border } } : {}),
      ...(align ? { Q: align } : {}),
    };
  }

  private letters(text: string, height: number): string {
    return `/Tx BMC q BT 0 g /Helv 8 Tf 2 ${Math.max(2, height / 2 - 3)} Td ${PDFHexString.of(Buffer.from(text, 'latin1').toString('hex'))} Tj ET Q EMC`;
  }

  private actions(box: BoxRecipe, index: number): Entries {
    const AA = Object.entries(this.scripts(box, index)).map(([trigger, JS]) => [
      trigger,
      { S: 'JavaScript', JS: PDFHexString.fromText(JS) },
    ]);
    return AA.length > 0 ? { AA: Object.fromEntries(AA) } : {};
  }

  private scripts(box: BoxRecipe, index: number): Record<string, string> {
    const target = (at: number) => `this.getField(${JSON.stringify(nameOf(this.form, at))})`;
    if (box.kind === 'tick') {
      const { closes, opens } = box;
      const isThere = (at: number | undefined) => at !== undefined && at !== index && at < this.form.boxes.length;
      const lines = [
        ...(closes && isThere(closes.box) ? [`${target(closes.box)}.${CLOSING[closes.by]}`] : []),
        ...(isThere(opens) ? [`${target(opens ?? 0)}.display = on ? display.visible : display.hidden;`] : []),
      ];
      return lines.length > 0 ? { U: `var on = event.target.value != "Off";\n${lines.join('\n')}` } : {};
    }
    const script = box.kind === 'text' ? box.script : undefined;
    switch (script?.does) {
      case 'date':
        return { K: `AFDate_KeystrokeEx("${script.pattern}");`, F: `AFDate_FormatEx("${script.pattern}");` };
      case 'number': {
        const how = `${script.decimals}, 0, 0, 0, "${script.currency}", true`;
        return { K: `AFNumber_Keystroke(${how});`, F: `AFNumber_Format(${how});` };
      }
      case 'special':
        return { K: `AFSpecial_Keystroke(${script.shape});`, F: `AFSpecial_Format(${script.shape});` };
      case 'range':
        return { V: `AFRange_Validate(true, ${script.least}, true, ${script.most});` };
      case 'upper':
        return {
          K: 'event.change = event.change.toUpperCase(); if (event.willCommit) event.value = event.value.toUpperCase();',
        };
      case 'sum':
      case 'product': {
        const names = textBoxes(this.form, script.of, index).map((at) => JSON.stringify(nameOf(this.form, at)));
        return { C: `AFSimple_Calculate("${script.does === 'sum' ? 'SUM' : 'PRD'}", new Array(${names.join(', ')}));` };
      }
      case 'copy': {
        const read = textBoxes(this.form, script.of, index).map((at) => `${target(at)}.value`);
        return { C: `event.value = ${['""', ...read].join(' + ')};` };
      }
      default:
        return {};
    }
  }

  private addStamp(index: number, covers: 'start' | 'end' | 'all'): void {
    const [[left, bottom, right, top] = [0, 0, 0, 0]] = rectsOf(this.form, index);
    const middle = (left + right) / 2;
    const Rect = [covers === 'end' ? middle : left, bottom, covers === 'start' ? middle : right, top] as Rect;
    const N = this.drawing('0.8 g 0 0 700 700 re f', Rect[2] - Rect[0], top - bottom);
    const stamp = this.add({ Type: 'Annot', Subtype: 'Stamp', F: 4, Rect, AP: { N } });
    this.annotations[pageIndexOf(this.form, index)]?.push(stamp);
  }

  private drawing(content: string, width: number, height: number): PDFRef {
    const Resources = { Font: { Helv: this.font } };
    const entries = { Type: 'XObject', Subtype: 'Form', BBox: [0, 0, width, height], Resources };
    return this.pdf.context.register(this.pdf.context.stream(content, entries as never));
  }

  private layer(kind: string): PDFRef {
    const known = this.layers.get(kind);
    if (known) return known;
    const Usage = { Print: { PrintState: 'OFF' } };
    const ref = this.add({
      Type: 'OCG',
      Name: PDFHexString.fromText(kind),
      ...(kind === 'unprinted' ? { Usage } : {}),
    });
    this.layers.set(kind, ref);
    return ref;
  }

  private listLayers(): void {
    if (this.layers.size === 0) return;
    const only = (kind: string) => [this.layers.get(kind)].filter((ref) => ref instanceof PDFRef);
    const AS = [{ Event: 'Print', Category: ['Print'], OCGs: only('unprinted') }];
    const all = { OCGs: [...this.layers.values()], D: { OFF: only('off'), AS } };
    this.pdf.catalog.set(PDFName.of('OCProperties'), this.pdf.context.obj(all as never));
  }

  private add(entries: Entries): PDFRef {
    return this.pdf.context.register(this.pdf.context.obj(entries as never));
  }

  private dict(ref: PDFRef): PDFDict {
    return this.pdf.context.lookup(ref, PDFDict);
  }
}

const CLOSING = {
  readonly: 'readonly = on;',
  hidden: 'hidden = on;',
  display: 'display = on ? display.hidden : display.visible;',
};

const stateOf = ({ on, labels }: { on: string[]; labels?: string[] }, at: number): string =>
  labels ? String(at) : (on[at] ?? 'Off');

/** A name with the bytes of its text in UTF-8. */
const escaped = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) =>
      byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `#${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');
const named = (text: string): PDFName => PDFName.of(escaped(text));

/** What people read of a preset value. */
export function shownPreset(box: BoxRecipe): string {
  if (box.kind === 'dropdown' || box.kind === 'list')
    return box.options.find(([value]) => value === box.preset)?.[1] ?? '';
  return box.kind === 'text' ? (box.preset ?? '') : '';
}

const inputsOf = (script: ScriptRecipe | undefined): number[] | undefined =>
  script && 'of' in script ? script.of : undefined;
