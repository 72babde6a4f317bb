import type { PDFDocumentProxy } from 'pdfjs-dist';

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
