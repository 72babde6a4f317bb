import { PDFHexString, type PDFObject, PDFStream, PDFString } from 'pdf-lib';

/** The text of a string, or of a stream in place of one. */
export function textOf(object: PDFObject | undefined): string | undefined {
  if (object instanceof PDFString || object instanceof PDFHexString) return object.decodeText();
  if (object instanceof PDFStream) return new TextDecoder('latin1').decode(object.getContents());
  return undefined;
}

/** Libraries return a name byte by byte. The standard says UTF-8, but not every form follows it. */
export function textOfName(bytes: string): string {
  if (!/[\u0080-\u00ff]/.test(bytes)) return bytes;
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? bytes : text;
}
