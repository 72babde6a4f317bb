import type { Application } from '../../application/application.js';
import type { ValidationIssue } from '../../application/validation-issue.js';
import type { BoxToProve, FormDocument } from '../document/form-document.js';
import { assertFillable } from '../document/form-document.js';
import { type FormField, isTyped, optionFor } from '../document/form-field.js';
import type { ValueProblem } from '../document/plain-value.js';
import { FormReadBackError } from '../document/read-back.js';
import { fillFor } from '../fill/fill-form.js';
import type { ApplicationField } from '../map/application-fields.js';
import { type FieldMap, FieldMapError, isFilled, parseFieldMap, SECTIONS } from '../map/field-map.js';
import { COMPLETE, type MapFinding, mapFindings, mapNotes } from '../map/map-findings.js';
import { sealed } from '../map/usable-map.js';
import { openFormDocument } from '../open-form-document.js';
import { fingerprintOf } from '../pdf/pdf-file.js';
import { PROBE } from './made-up-application.js';

/** Whether a map fits a file, and the problems, section by section. */
export interface CheckedMap {
  ok: boolean;
  edition: string;
  findings: MapFinding[];
  /** The form, filled in for a made-up importer, for a person to look at. */
  sample?: Uint8Array;
  /** Boxes that are drawn for each application, because something covers a part of them. */
  toDraw: string[];
  /** What a person should know about a map that can be used. */
  notes: string[];
  /** Those of `notes` that say which values are refused for being too long. */
  lengths: string[];
}

/**
 * Checks a map against a file: every field exists, has the right type and is long enough, none is missing, and a complete
 * sample application can be filled, read back, and passes the guide's rules.
 * @throws PdfRefusedError when the file cannot be used
 */
export async function checkMap({ template, map: json }: { template: Uint8Array; map: unknown }): Promise<CheckedMap> {
  let map: FieldMap;
  try {
    map = parseFieldMap(json);
  } catch (error) {
    if (!(error instanceof FieldMapError)) throw error;
    return {
      ok: false,
      edition: editionIn(json),
      findings: error.problems.map((problem) => toComplete(problem, json)),
      toDraw: [],
      notes: [],
      lengths: [],
    };
  }
  const document = await openFormDocument(template, map);
  assertFillable(document);
  const fields = new Map(document.fields.map((field) => [field.name, field]));
  const findings: MapFinding[] = [];
  const found = fingerprintOf(template);
  if (found !== map.fingerprint)
    findings.push({
      section: 'map',
      kind: 'other-file',
      field: 'fingerprint',
      problem: `is ${map.fingerprint}, the file has ${found}.`,
      remedy:
        'Make a map for this file with "ace-onboarding form draft FILE --from MAP", which keeps the entries that still fit.',
    });
  findings.push(...mapFindings(map, document.fields));
  const { hidden, toDraw } = await document.provePlaces(boxesToProve(map, fields), template);
  findings.push(...hidden.map(({ field, problem }) => hiddenFinding(map, field, problem)));
  const sample = await dryRun({ template, map, document, toDraw }, findings);
  return {
    ok: findings.length === 0,
    edition: map.edition,
    findings: inSectionOrder(findings),
    ...mapNotes(map, document.fields),
    toDraw,
    ...(sample ? { sample } : {}),
  };
}

/**
 * Checks a map once more, and marks it as accepted by a person who has looked at a filled form.
 * @param by name of the person
 * @param at ISO 8601 instant, now by default
 * @throws PdfRefusedError when the file cannot be used
 */
export async function acceptMap(order: {
  template: Uint8Array;
  map: unknown;
  by: string;
  at?: string;
}): Promise<{ map: FieldMap } | { findings: MapFinding[] }> {
  const { template, by, at = new Date().toISOString() } = order;
  const { ok, findings, toDraw } = await checkMap({ template, map: order.map });
  if (!ok) return { findings };
  return { map: sealed(parseFieldMap(order.map), { by, at, toDraw }) };
}

/** Every box that the map fills in, with each tick that it can make. */
function boxesToProve(map: FieldMap, fields: Map<string, FormField>): BoxToProve[] {
  return map.fields.filter(isFilled).flatMap((entry) => {
    const field = fields.get(entry.field);
    if (!field || !isTyped(field.type) || (field.unfillable && !entry.opensWith)) return [];
    const mapped = Object.values(entry.options ?? {}).map((option) => optionFor(field, option));
    const ticks = entry.options ? mapped.filter((option) => typeof option === 'string') : field.options;
    return [{ field, ticks: [...new Set(ticks)], ...(entry.opensWith ? { opened: true as const } : {}) }];
  });
}

function hiddenFinding(map: FieldMap, { name }: FormField, { problem, remedy }: ValueProblem): MapFinding {
  const section = map.fields.find(({ field }) => field === name)?.section ?? 'map';
  return { section, kind: 'hidden', field: name, problem, remedy };
}

/** With as many further importer numbers as the form has boxes for. */
function madeUpFor(map: FieldMap): Application {
  const boxes = new Set(map.fields.flatMap((entry) => (isFilled(entry) ? entry.fill : [])));
  const furtherImporterNumbers = PROBE.furtherImporterNumbers.filter((_, index) =>
    boxes.has(`furtherImporterNumber.${index + 1}` as ApplicationField),
  );
  return { ...PROBE, furtherImporterNumbers };
}

/** Fills in a complete made-up application like a real one. Undefined, with findings, when that fails. */
async function dryRun(
  {
    template,
    map,
    document,
    toDraw,
  }: { template: Uint8Array; map: FieldMap; document: FormDocument; toDraw: string[] },
  findings: MapFinding[],
): Promise<Uint8Array | undefined> {
  const known = new Set(findings.map(({ field }) => field));
  try {
    const filled = await fillFor(madeUpFor(map), map, document, { template, toDraw: new Set(toDraw) });
    if (filled.kind === 'filled') return filled.pdf;
    findings.push(...filled.complaints.filter(({ field }) => !known.has(field)).map(ruleFinding));
  } catch (error) {
    if (!(error instanceof FormReadBackError)) throw error;
    for (const problem of error.differences)
      findings.push({
        section: 'map',
        kind: 'rule',
        field: 'read-back',
        problem,
        remedy: 'The form changes this box in a way that cannot be checked: leave it, or ask for help.',
      });
  }
  return undefined;
}

function ruleFinding({ section, field, problem, remedy }: ValidationIssue): MapFinding {
  return { section: section ?? 'map', kind: 'rule', field, problem, remedy };
}

function toComplete(problem: string, json: unknown): MapFinding {
  const [field = 'map', ...rest] = problem.split(': ');
  const entries =
    (json as { fields?: { field?: unknown; section?: unknown; suggestion?: unknown }[] } | null)?.fields ?? [];
  const entry = Array.isArray(entries)
    ? entries.find((candidate) => field.startsWith(String(candidate?.field)))
    : undefined;
  const section = typeof entry?.section === 'string' ? entry.section : 'map';
  const hint = typeof entry?.suggestion === 'string' ? ` It sounds like "${entry.suggestion}".` : '';
  return {
    section,
    kind: 'to-complete',
    field,
    problem: rest.join(': ') || 'is wrong.',
    remedy: `${COMPLETE}${hint}`,
  };
}

function editionIn(json: unknown): string {
  const edition = (json as { edition?: unknown } | null)?.edition;
  return typeof edition === 'string' ? edition : 'unnamed';
}

function inSectionOrder(findings: MapFinding[]): MapFinding[] {
  const order = ['map', ...SECTIONS] as string[];
  return findings.sort((one, other) => order.indexOf(one.section) - order.indexOf(other.section));
}
