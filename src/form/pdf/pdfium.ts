import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WrappedPdfiumModule } from '@embedpdf/pdfium';
import { PdfRefusedError } from './pdf-refused.js';

/** A PDF with XFA parts as PDFium, the PDF library of Chrome, reads it. */
export interface XfaFile {
  /** Pages of the file itself. A dynamic form has one, which says to wait. */
  pages: number;
  /** PDFium's number for the kind of form. */
  formType: number;
  /** The XML of each part by name. One part without a name when they are all in one stream. */
  parts: Map<string, Uint8Array>;
}

/** @throws PdfRefusedError when PDFium cannot open the file. */
export async function readXfaFile(bytes: Uint8Array): Promise<XfaFile> {
  const pdfium = await loaded();
  try {
    return read(pdfium, bytes);
  } catch (error) {
    if (error instanceof PdfRefusedError) throw error;
    throw unreadable(`it breaks off (${(error as Error).message})`, error);
  }
}

function read(pdfium: WrappedPdfiumModule, bytes: Uint8Array): XfaFile {
  const { malloc, free } = pdfium.pdfium.wasmExports;
  const copy = malloc(bytes.length);
  heapOf(pdfium).set(bytes, copy);
  const document = pdfium.FPDF_LoadMemDocument(copy, bytes.length, '');
  if (!document) throw unreadable(`it cannot open it (${pdfium.FPDF_GetLastError()})`);
  const parts = new Map<string, Uint8Array>();
  for (let index = 0; index < pdfium.FPDF_GetXFAPacketCount(document); index++)
    parts.set(nameOfPart(pdfium, document, index), contentOfPart(pdfium, document, index));
  const [pages, formType] = [pdfium.FPDF_GetPageCount(document), pdfium.FPDF_GetFormType(document)];
  pdfium.FPDF_CloseDocument(document);
  free(copy);
  return { pages, formType, parts };
}

function nameOfPart(pdfium: WrappedPdfiumModule, document: number, index: number): string {
  const length = pdfium.FPDF_GetXFAPacketName(document, index, 0, 0);
  // The last byte ends the name.
  const bytes = readInto(pdfium, length, (at) => pdfium.FPDF_GetXFAPacketName(document, index, at, length));
  return new TextDecoder('utf-8').decode(bytes.subarray(0, -1));
}

/** Asks for the length first: PDFium aborts when the buffer is not exactly large enough. */
function contentOfPart(pdfium: WrappedPdfiumModule, document: number, index: number): Uint8Array {
  const [length = 0] = new Uint32Array(
    readInto(pdfium, 4, (at) => pdfium.FPDF_GetXFAPacketContent(document, index, 0, 0, at)).buffer,
  );
  return readInto(pdfium, length + 4, (at) => {
    if (length > 0 && !pdfium.FPDF_GetXFAPacketContent(document, index, at, length, at + length))
      throw unreadable(`it cannot read part ${index} of its form`);
  }).slice(0, length);
}

/** What `fill` writes into a buffer of PDFium's. */
function readInto(pdfium: WrappedPdfiumModule, length: number, fill: (at: number) => unknown): Uint8Array {
  const { malloc, free } = pdfium.pdfium.wasmExports;
  const at = malloc(Math.max(length, 1));
  fill(at);
  const bytes = heapOf(pdfium).slice(at, at + length);
  free(at);
  return bytes;
}

/** Get it again each time: PDFium's memory moves when it grows. */
function heapOf({ pdfium }: WrappedPdfiumModule): Uint8Array {
  return (pdfium as unknown as { HEAPU8: Uint8Array }).HEAPU8;
}

function unreadable(why: string, cause?: unknown): PdfRefusedError {
  // Restart PDFium: its memory may be corrupt, and was not freed.
  module = undefined;
  return new PdfRefusedError(
    'pdf-damaged',
    `The file is damaged: the second library, which checks it, says that ${why}. Download it again from CBP's page.`,
    { cause },
  );
}

let module: Promise<WrappedPdfiumModule> | undefined;

function loaded(): Promise<WrappedPdfiumModule> {
  module ??= load();
  return module;
}

/** Only dynamic forms need it. */
async function load(): Promise<WrappedPdfiumModule> {
  const { init } = await import('@embedpdf/pdfium');
  const file = fileURLToPath(import.meta.resolve('@embedpdf/pdfium/pdfium.wasm'));
  const { buffer, byteOffset, byteLength } = readFileSync(file);
  const wasmBinary = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  const pdfium = await init({ wasmBinary });
  pdfium.PDFiumExt_Init();
  return pdfium;
}
