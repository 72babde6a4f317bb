import { type PDFDocument, PDFName } from 'pdf-lib';
import type { FilledForProof, FormDocument, ProvenPlaces, TextOptions } from '../document/form-document.js';
import type { FormField } from '../document/form-field.js';
import type { PreparedValue } from '../document/plain-value.js';
import {
  codeOf,
  misfitProblem,
  tooLongProblem,
  unprintableProblem,
  type ValueProblem,
} from '../document/plain-value.js';
import type { SeenField, SeenForm } from '../document/read-back.js';
import { layOut } from '../document/text-layout.js';
import { helveticaCovers } from '../document/typeface.js';
import { openPdf, type PdfFile } from '../pdf/pdf-file.js';
import { isoDateAs, isWrittenAs } from '../scripts/acrobat-date.js';
import { ruleProblem } from '../scripts/value-rule.js';
import { templateFields } from './template-knowledge.js';
import type { XfaField } from './xfa-fields.js';
import { XfaPackets, XfaTemplate } from './xfa-packets.js';
import { chosenRule, masked, storedAs } from './xfa-picture.js';
import { proveXfa } from './xfa-proof.js';
import { seeXfa } from './xfa-read-back.js';

/**
 * A dynamic XFA form: Adobe's reader draws it from XML when it is opened. Filling it is writing the data part; the part
 * that says what the form is stays as CBP made it, and with it which boxes may be typed into.
 */
export function openDynamicXfa(file: PdfFile): FormDocument {
  return new XfaDocument(file);
}

class XfaDocument implements FormDocument {
  readonly kind = 'dynamic-xfa' as const;
  readonly encrypted;
  readonly usageRights;
  readonly signatures;
  readonly pages;
  readonly notes: string[] = [];
  readonly fields: FormField[];
  private readonly pdf: PDFDocument;
  private readonly packets: XfaPackets;
  private readonly xfaFields: Map<string, XfaField>;

  constructor(file: PdfFile) {
    this.encrypted = file.encrypted;
    this.usageRights = file.usageRights;
    this.signatures = file.signatures;
    this.pdf = file.pdf;
    this.pages = file.pdf.getPageCount();
    this.packets = new XfaPackets(file.acroForm);
    const found = fieldsOf(new XfaTemplate(file.acroForm));
    for (const xfaField of found) xfaField.field.value = this.valueOf(xfaField);
    this.fields = found.map(({ field }) => field);
    this.xfaFields = new Map(found.map((xfaField) => [xfaField.field.name, xfaField]));
  }

  prepareText(field: FormField, value: string, { shrink, triedInAcrobat }: TextOptions): PreparedValue | ValueProblem {
    const xfaField = this.xfaField(field);
    const { box } = xfaField;
    const typed = asTyped(xfaField, value, triedInAcrobat);
    if ('problem' in typed) return typed;
    const { stored, shown } = typed;
    const problem = unprintableProblem(value, field.multiline) ?? tooLongProblem(field, stored) ?? uncovered(value);
    if (problem) return problem;
    if (box && box.width > 0 && box.height > 0 && field.type === 'text') {
      const layout = layOut(shown, 'helvetica', {
        ...box,
        border: 0,
        align: 'left',
        multiline: field.multiline,
        ...(field.comb && field.maxLength ? { cells: field.maxLength } : {}),
        shrink,
      });
      if ('misfit' in layout) return misfitProblem(layout.misfit);
    }
    return { field, value: stored, layouts: [] };
  }

  /** Where nothing has its place before Adobe's reader draws it, there is nothing to look at. */
  async unseen(): Promise<Map<PreparedValue, ValueProblem>> {
    return new Map();
  }

  /** Nothing has its place before Adobe's reader draws it. */
  async provePlaces(): Promise<ProvenPlaces> {
    return { toDraw: [], hidden: [] };
  }

  async write(values: PreparedValue[]): Promise<void> {
    this.pdf.catalog.delete(PDFName.of('Perms'));
    for (const { field, value } of values) {
      const { dataPath } = this.xfaField(field);
      if (!dataPath) throw new Error(`${field.name} keeps no value.`);
      this.packets.setValueAt(dataPath, value);
    }
    this.packets.write();
  }

  save(): Promise<Uint8Array> {
    return this.pdf.save({ updateFieldAppearances: false });
  }

  prove({ written, template, filled }: FilledForProof): Promise<{ pages: number }> {
    const form = { fields: [...this.xfaFields.values()], see: (bytes: Uint8Array) => this.see(bytes) };
    return proveXfa(
      form,
      written.flatMap((value) => this.withSharing(value)),
      template,
      filled,
    );
  }

  /** Whatever is typed into one of several boxes with one value is in the others as well. */
  private withSharing(value: PreparedValue): PreparedValue[] {
    const others = this.xfaField(value.field).shares.flatMap((name) => this.xfaFields.get(name)?.field ?? []);
    return [value, ...others.map((field) => ({ ...value, field }))];
  }

  async see(bytes: Uint8Array): Promise<SeenForm> {
    const seen = await seeXfa(bytes).catch(async (error) => {
      const copy = await recoded(bytes);
      if (!copy) throw error;
      return seeXfa(copy);
    });
    const names = this.namesByPath();
    const fields = new Map<string, SeenField>();
    for (const { path, page, seen: shown } of seen.fields) {
      const name = names.get(this.plainPath(path))?.shift();
      if (name === undefined) continue;
      fields.set(name, shown);
      const known = this.xfaFields.get(name);
      if (known) known.field.page = page;
    }
    return { pages: seen.pages, fields };
  }

  /** Names with positions of the fields that share a path without them, in the template's order. */
  private namesByPath(): Map<string, string[]> {
    const names = new Map<string, string[]>();
    for (const { name } of this.fields) {
      const path = name.replaceAll(/\[\d+\]/g, '');
      names.set(path, [...(names.get(path) ?? []), name]);
    }
    return names;
  }

  /** Without the master page, which comes before the form's own root. */
  private plainPath(path: string[]): string {
    const root = this.fields[0]?.name.split('[')[0] ?? '';
    return path.slice(Math.max(0, path.indexOf(root))).join('.');
  }

  private xfaField(field: FormField): XfaField {
    const found = this.xfaFields.get(field.name);
    if (!found) throw new Error(`The form has no field ${field.name}.`);
    return found;
  }

  private valueOf({ dataPath, preset, field }: XfaField): string {
    const value = (dataPath && this.packets.valueAt(dataPath)) ?? preset;
    // A tick's other value is its off-value.
    return field.type === 'checkbox' && !field.options.includes(value) ? '' : value;
  }
}

/** The same form in the encoding that pdf.js knows. Undefined when it is in it already. */
async function recoded(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  const { pdf, acroForm } = await openPdf(bytes, { acceptActiveContent: true });
  return new XfaPackets(acroForm).recode() ? pdf.save({ updateFieldAppearances: false }) : undefined;
}

/** Whatever the reader computes when it opens the form is right then. A master page's fields are the reader's own. */
function fieldsOf(template: XfaTemplate): XfaField[] {
  const fields = templateFields(template).filter(({ onMaster }) => !onMaster);
  for (const { field, recomputed } of fields) if (recomputed) delete field.computed;
  return fields;
}

/**
 * What becomes of a value when it is typed into the box: what the data keeps for it, and what the box shows. Dates may also
 * be given as the data keeps them, YYYY-MM-DD.
 */
function asTyped(
  { field, holds, keeps }: XfaField,
  value: string,
  triedInAcrobat: boolean | undefined,
): { stored: string; shown: string } | ValueProblem {
  if (value === '') return { stored: value, shown: value };
  const all = field.accepts?.kind === 'all' ? field.accepts.of : field.accepts ? [field.accepts] : [];
  const rules = all.map((rule) => chosenRule(rule, value));
  const picture = rules.find(({ kind }) => kind !== 'script');
  const shown = picture?.kind === 'date' ? (isoDateAs(picture.pattern, value) ?? value) : value;
  const stored = picture ? storedAs(picture, value) : value;
  if (picture && stored === undefined) return ruleProblem(picture, shown) ?? misheld(value, holds) ?? notTaken();
  for (const rule of rules) {
    // A mask's own characters are not typed.
    const problem = ruleProblem(
      rule,
      rule === picture && rule.kind === 'mask' ? masked(rule.mask, stored ?? '') : shown,
      triedInAcrobat,
    );
    if (problem) return problem;
  }
  const kept = stored ?? value;
  const problem = misheld(kept, holds);
  if (problem) return problem;
  return { stored: keeps === undefined ? kept : (isoDateAs(keeps, kept) ?? kept), shown };
}

const notTaken = (): ValueProblem => ({
  problem: 'is written in a way that the box does not take.',
  remedy: 'Write it as the form asks, or map another box.',
});

function misheld(value: string, holds: XfaField['holds']): ValueProblem | undefined {
  if (holds === 'date' && !isWrittenAs('yyyy-mm-dd', value))
    return {
      problem: 'goes into a box that holds dates.',
      remedy: 'Give it the format YYYY-MM-DD in the field map; the form shows it in its own way.',
    };
  if (holds === 'number' && !/^-?\d+(\.\d+)?$/.test(value))
    return {
      problem: 'goes into a box that holds numbers.',
      remedy: 'Map it to another box, or give it the format "digits".',
    };
  return undefined;
}

/** What Adobe's reader draws with is its own affair: only letters that every one of its fonts has may go in. */
function uncovered(value: string): ValueProblem | undefined {
  if (helveticaCovers(value)) return undefined;
  const odd = [...new Set(value.replaceAll('\n', ''))].filter((character) => !helveticaCovers(character));
  return {
    problem: `has ${odd
      .slice(0, 5)
      .map((character) => `"${character}" (${codeOf(character)})`)
      .join(', ')}, which this kind of form is not sure to show: the reader draws it with fonts of its own.`,
    remedy:
      'Transliterate it to Latin letters without their accents, as on the 5106 record, or fill this form by hand in Acrobat and look at it.',
  };
}
