import { fileURLToPath } from 'node:url';
import type { PDFDocumentProxy } from 'pdfjs-dist';
import { getDocument, VerbosityLevel } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { PdfRefusedError } from '../pdf/pdf-refused.js';

/** pdf.js, the library of browsers: it reads what ours wrote, and draws pages as people see them. */

const FONTS = fileURLToPath(new URL('../../standard_fonts/', import.meta.resolve('pdfjs-dist/legacy/build/pdf.mjs')));

/**
 * Lets pdf.js work on a file.
 * @throws PdfRefusedError when pdf.js cannot make sense of it
 */
export async function withPdfJs<T>(bytes: Uint8Array, work: (document: PDFDocumentProxy) => Promise<T>): Promise<T> {
  const task = getDocument({
    // A copy, because pdf.js takes ownership of its input.
    data: Uint8Array.from(bytes),
    standardFontDataUrl: FONTS,
    isEvalSupported: false,
    useSystemFonts: false,
    enableXfa: true,
    verbosity: VerbosityLevel.ERRORS,
  });
  try {
    return await work(await task.promise);
  } catch (error) {
    if (error instanceof PdfRefusedError) throw error;
    throw new PdfRefusedError(
      'pdf-damaged',
      `The file is damaged: the second library, which checks it, cannot read it (${(error as Error).message}). Download it again from CBP's page.`,
      { cause: error },
    );
  } finally {
    await task.destroy();
  }
}

export interface Canvas {
  width: number;
  height: number;
  getContext(kind: '2d'): Context;
  toBuffer(type: 'image/png'): Uint8Array;
}

/** What pdf.js creates canvases with outside a browser. */
export interface Canvases {
  create(width: number, height: number): { canvas: Canvas; context: Context };
}
export type Context = CanvasRenderingContext2D & { drawImage(image: Canvas, x: number, y: number): void };
/** The part of the browser's type that is used here: the DOM types are not loaded on a server. */
interface CanvasRenderingContext2D {
  fillStyle: string;
  font: string;
  getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
  fillRect(x: number, y: number, width: number, height: number): void;
  fillText(text: string, x: number, y: number): void;
}

/** One page as people see it. Scale 1 is 72 dots per inch. */
export async function drawPage(document: PDFDocumentProxy, number: number, scale: number): Promise<Canvas> {
  const canvases = document.canvasFactory as Canvases;
  const page = await document.getPage(number);
  const viewport = page.getViewport({ scale });
  const { canvas } = canvases.create(Math.ceil(viewport.width), Math.ceil(viewport.height));
  await page.render({ canvas: canvas as never, viewport }).promise;
  return canvas;
}
