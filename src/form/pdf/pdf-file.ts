import { createHash } from 'node:crypto';
import {
  ParseSpeeds,
  PDFArray,
  PDFBool,
  PDFDict,
  PDFDocument,
  PDFHexString,
  PDFInvalidObject,
  PDFName,
  type PDFObject,
  PDFObjectParser,
  type PDFRef,
  PDFStream,
  PDFString,
} from 'pdf-lib';
import { activeContent } from './active-content.js';
import { PdfRefusedError } from './pdf-refused.js';
import { signaturesIn } from './signatures.js';

/** An open PDF with a form of a known kind. */
export interface PdfFile {
  pdf: PDFDocument;
  kind: FormKind;
  pages: number;
  acroForm: PDFDict;
  encrypted: boolean;
  /** Signed permission to save in Adobe Reader. A changed file must not have it. */
  usageRights: boolean;
  /** What in it is signed. Filling the file would break the signatures. */
  signatures: string[];
}

const FRESH_COPY = "Download the form again from CBP's page and save it without opening it in a browser.";

/** Whether a person has checked and accepted the file's own actions and attachments. */
export interface OpenOptions {
  acceptActiveContent?: boolean | undefined;
}

/** Bytes of a dynamic form that stand for one page: it has no pages of its own. */
const BYTES_A_PAGE = 200_000;

/** How much work a file is, in pages. @throws PdfRefusedError */
export async function countPages({ file }: { file: Uint8Array }): Promise<number> {
  return workIn(await openPdf(file, { acceptActiveContent: true }), file);
}

/** The same for a file that is open. */
export function workIn({ pages, kind }: PdfFile, bytes: Uint8Array): number {
  return kind === 'dynamic-xfa' ? Math.max(pages, Math.ceil(bytes.length / BYTES_A_PAGE)) : pages;
}

/** @throws PdfRefusedError */
export async function openPdf(bytes: Uint8Array, { acceptActiveContent = false }: OpenOptions = {}): Promise<PdfFile> {
  if (!startsLikePdf(bytes))
    throw new PdfRefusedError('not-a-pdf', `The file is not a PDF: it does not begin with "%PDF-". ${FRESH_COPY}`);
  const pdf = await load(bytes);
  try {
    dropRemains(pdf);
    return told(pdf, acceptActiveContent);
  } catch (error) {
    if (error instanceof PdfRefusedError) throw error;
    throw new PdfRefusedError('pdf-damaged', `The file is damaged: ${(error as Error).message}. ${FRESH_COPY}`, {
      cause: error,
    });
  }
}

function told(pdf: PDFDocument, acceptActiveContent: boolean): PdfFile {
  if (!(pdf.catalog?.lookup(PDFName.of('Pages')) instanceof PDFDict))
    throw new PdfRefusedError('pdf-damaged', `The file is damaged: it has no pages. ${FRESH_COPY}`);
  const listed = pdf.catalog.lookup(PDFName.of('AcroForm'));
  if (!(listed instanceof PDFDict) && pdf.catalog.has(PDFName.of('AcroForm')))
    throw new PdfRefusedError('pdf-damaged', `The file is damaged: it lost the list of its boxes. ${FRESH_COPY}`);
  const acroForm = listed instanceof PDFDict ? listed : pdf.context.obj({});
  const active = acceptActiveContent ? [] : activeContent(pdf);
  if (active.length > 0)
    throw new PdfRefusedError(
      'active-content',
      `The file has ${active.join(', ')}, which no form needs. Get it from CBP's own page. If it is from there, and someone qualified has checked it: --accept-active-content on the command line, "acceptActiveContent": true in its field map.`,
    );
  return {
    pdf,
    kind: kindOf(pdf, acroForm),
    pages: pdf.getPageCount(),
    acroForm,
    // The library removes the encryption and only remembers that it did.
    encrypted: pdf.context.isDecrypted,
    usageRights: hasUsageRights(pdf),
    signatures: signaturesIn(pdf, acroForm),
  };
}

/**
 * Objects that the library keeps although a rewritten file must not have them: cross-reference streams, which mislead
 * readers that scan a file instead of following its index (it would still look encrypted), data that was not decrypted
 * because it never was encrypted, and objects that a later generation of the same number replaced.
 */
function dropRemains(pdf: PDFDocument): void {
  const { context } = pdf;
  const newest = new Map<number, PDFRef>();
  context.largestObjectNumber = 0;
  for (const [ref, object] of context.enumerateIndirectObjects()) {
    const other = newest.get(ref.objectNumber);
    const older = other && other.generationNumber > ref.generationNumber ? ref : other;
    if (older) context.delete(older);
    if (older !== ref) newest.set(ref.objectNumber, ref);
    if (isIndex(object) || (context.isDecrypted && (object instanceof PDFInvalidObject || isEncryption(object))))
      context.delete(ref);
    else context.largestObjectNumber = Math.max(context.largestObjectNumber, ref.objectNumber);
  }
}

function isIndex(object: PDFObject): boolean {
  if (!(object instanceof PDFStream)) return false;
  const type = object.dict.lookup(PDFName.of('Type'));
  return type === PDFName.of('XRef') || type === PDFName.of('ObjStm');
}

/** How the file was encrypted. The decrypted file must not say it. */
function isEncryption(object: PDFObject): boolean {
  return object instanceof PDFDict && ['Filter', 'V', 'R', 'O', 'U', 'P'].every((key) => object.has(PDFName.of(key)));
}

function startsLikePdf(bytes: Uint8Array): boolean {
  // Readers allow some bytes before the header.
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 1024)).includes('%PDF-');
}

async function load(bytes: Uint8Array): Promise<PDFDocument> {
  try {
    // An empty password opens a file that is only protected against changes. `ignoreEncryption` would load garbled names.
    return await PDFDocument.load(bytes, {
      updateMetadata: false,
      password: '',
      preserveXFA: true,
      parseSpeed: ParseSpeeds.Fastest,
    });
  } catch (error) {
    const message = (error as Error).message ?? String(error);
    if (/password|encrypt/i.test(message))
      throw new PdfRefusedError(
        'pdf-locked',
        `The file is locked with a password (${message}). Get the form from CBP's page, or save it without a password in Acrobat.`,
        { cause: error },
      );
    throw new PdfRefusedError('pdf-damaged', `The file is damaged: ${message}. ${FRESH_COPY}`, { cause: error });
  }
}

function hasUsageRights(pdf: PDFDocument): boolean {
  const permissions = pdf.catalog.lookup(PDFName.of('Perms'));
  return permissions instanceof PDFDict && ['UR', 'UR3'].some((key) => permissions.has(PDFName.of(key)));
}

function kindOf(pdf: PDFDocument, acroForm: PDFDict): FormKind {
  const fields = acroForm.lookup(PDFName.of('Fields'));
  const hasFields = fields instanceof PDFArray && fields.size() > 0;
  const xfa = acroForm.lookup(PDFName.of('XFA'));
  const hasXfa = xfa instanceof PDFArray || xfa instanceof PDFStream;
  const needsRendering = pdf.catalog.lookup(PDFName.of('NeedsRendering')) === PDFBool.True;
  if (hasXfa && (needsRendering || !hasFields)) return 'dynamic-xfa';
  return hasXfa ? 'hybrid-xfa' : 'acroform';
}

export type FormKind = 'acroform' | 'hybrid-xfa' | 'dynamic-xfa';

/** Private members of the library's parser. */
interface Parser {
  cryptoFactory?: unknown;
  parseString(ref?: PDFRef): PDFString | PDFHexString;
}

/**
 * The library saves a decrypted string in parentheses without escaping it. A parenthesis or backslash in it, as in half of
 * all encryption keys, ends the string too early or is lost, and the saved file is broken. Hexadecimal digits are safe.
 */
const parser = PDFObjectParser.prototype as unknown as Parser;
const { parseString } = parser;
parser.parseString = function (ref) {
  const string = parseString.call(this, ref);
  if (!this.cryptoFactory || !ref || !(string instanceof PDFString)) return string;
  return PDFHexString.of(Buffer.from(string.asString(), 'latin1').toString('hex'));
};

/** `sha256:` and 64 hex digits: what a field map is pinned to. */
export function fingerprintOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
