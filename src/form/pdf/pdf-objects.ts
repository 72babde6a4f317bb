import {
  decodePDFRawStream,
  PDFArray,
  PDFDict,
  PDFHexString,
  PDFNumber,
  type PDFObject,
  PDFRawStream,
  PDFStream,
  PDFString,
} from 'pdf-lib';

/** The text of a string, or of a stream in place of one. */
export function textOf(object: PDFObject | undefined): string | undefined {
  if (object instanceof PDFString || object instanceof PDFHexString) {
    const bytes = object.asBytes();
    return isUtf8(bytes) ? utf8(bytes) : object.decodeText();
  }
  if (!(object instanceof PDFStream)) return undefined;
  const bytes = object instanceof PDFRawStream ? decodePDFRawStream(object).decode() : object.getContents();
  // As in a string, the first bytes tell the encoding.
  return isUtf8(bytes) ? utf8(bytes) : PDFHexString.of(Buffer.from(bytes).toString('hex')).decodeText();
}

/** The mark of PDF 2.0, which the library does not know. */
function isUtf8([first, second, third]: Uint8Array): boolean {
  return first === 0xef && second === 0xbb && third === 0xbf;
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes);
}

/** Libraries return a name byte by byte. The standard says UTF-8, but not every form follows it. */
export function textOfName(bytes: string): string {
  if (!/[\u0080-\u00ff]/.test(bytes)) return bytes;
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? bytes : text;
}

/** The dictionaries in an array; none when it is no array. */
export function dictsIn(array: PDFObject | undefined): PDFDict[] {
  if (!(array instanceof PDFArray)) return [];
  const dicts: PDFDict[] = [];
  for (let index = 0; index < array.size(); index++) {
    const item = array.lookup(index);
    if (item instanceof PDFDict) dicts.push(item);
  }
  return dicts;
}

export function numberOf(object: PDFObject | undefined): number | undefined {
  return object instanceof PDFNumber ? object.asNumber() : undefined;
}
