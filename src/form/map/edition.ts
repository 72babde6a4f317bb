import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type PDFDocument, PDFName } from 'pdf-lib';
import { canonicalJson } from '../../application/canonical.js';
import { openPdf, workIn } from '../pdf/pdf-file.js';
import { PdfRefusedError } from '../pdf/pdf-refused.js';
import { type FieldMap, FieldMapError, parseFieldMap } from './field-map.js';
import { assertAccepted, assertEdition } from './usable-map.js';

/** CBP's form as configured: a file and a map that match. */
export interface OpenedForm {
  template: Uint8Array;
  map: FieldMap;
  /** How much work it is, in pages. */
  pages: number;
  /** Our replica for rehearsals. An armed worker refuses to start with it. */
  replica: boolean;
}

/**
 * Reads a form and its map from disk, once, when a worker starts: they match, and a person has accepted the map.
 * @throws UnknownEditionError, FieldMapError, PdfRefusedError
 */
export async function openForm(templatePath: string, mapPath: string): Promise<OpenedForm> {
  const template = await readForm(templatePath);
  const map = await readFieldMap(mapPath);
  assertEdition(template, map);
  assertAccepted(map);
  const file = await openPdf(template, { acceptActiveContent: true });
  return { template, map, pages: workIn(file, template), replica: isMarked(file.pdf) };
}

/**
 * Changes with all that decides how an application is filled: the template, the map, and the version of the product. Under one
 * fingerprint, one application gives the same bytes.
 */
export function fillFingerprint({ template, map }: Pick<OpenedForm, 'template' | 'map'>, version: string): string {
  return createHash('sha256').update(canonicalJson({ version, map })).update(template).digest('hex');
}

export async function readForm(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new PdfRefusedError('not-a-pdf', `The form ${path} cannot be read: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

/** @throws FieldMapError */
export async function readFieldMap(path: string): Promise<FieldMap> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new FieldMapError([`${path} cannot be read as JSON: ${(error as Error).message}.`]);
  }
  return parseFieldMap(json);
}

/** The script that makes the replicas writes it into each catalog. */
export const REPLICA_MARK = 'AceOnboardingReplica';

/** Whether a form is our replica for rehearsals, in any variant. @throws PdfRefusedError */
export async function isReplica(template: Uint8Array): Promise<boolean> {
  return isMarked((await openPdf(template, { acceptActiveContent: true })).pdf);
}

const isMarked = (pdf: PDFDocument) => pdf.catalog.has(PDFName.of(REPLICA_MARK));
