import { PDFHexString, type PDFObject, PDFStream, PDFString } from 'pdf-lib';

/** What a string, or a stream that stands for one, says. */
export function textOf(object: PDFObject | undefined): string | undefined {
  if (object instanceof PDFString || object instanceof PDFHexString) return object.decodeText();
  if (object instanceof PDFStream) return new TextDecoder('latin1').decode(object.getContents());
  return undefined;
}

/** Libraries give the bytes of a name one by one; the standard has them in UTF-8, and not every form is of that standard. */
export function textOfName(bytes: string): string {
  if (!/[\u0080-\u00ff]/.test(bytes)) return bytes;
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? bytes : text;
}
