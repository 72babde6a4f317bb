import { PDFHexString, PDFObjectParser, type PDFRef, PDFString } from 'pdf-lib';

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
