import { PDFHexString, PDFObjectParser, type PDFRef, PDFString } from 'pdf-lib';

/** What the library's parser has and does not tell. */
interface Parser {
  cryptoFactory?: unknown;
  parseString(ref?: PDFRef): PDFString | PDFHexString;
}

/**
 * The library keeps what it decrypted of a string in parentheses as if that were written so in the file: a parenthesis or
 * a backslash in it, as half of all encryption keys have, ends the string too early or is lost, and the saved file is
 * broken. Written in hexadecimal digits it means what it says.
 */
const parser = PDFObjectParser.prototype as unknown as Parser;
const { parseString } = parser;
parser.parseString = function (ref) {
  const string = parseString.call(this, ref);
  if (!this.cryptoFactory || !ref || !(string instanceof PDFString)) return string;
  return PDFHexString.of(Buffer.from(string.asString(), 'latin1').toString('hex'));
};
