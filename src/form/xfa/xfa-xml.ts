import { parseXml, type XmlElement } from '@rgrove/parse-xml';

/**
 * The XML of a blank form as every reader understands it, whether or not it is well-formed: with a byte order mark, in
 * another encoding than UTF-8, with an ampersand that begins nothing (`Smith & Sons`, `&nbsp;`), which readers show as
 * it is. Only for what others wrote: what is written here is well-formed.
 * @throws Error when the bytes are not text of the encoding that they name
 */
export function readableXml(bytes: Uint8Array): string {
  return withWholeAmpersands(decoded(bytes));
}

function decoded(bytes: Uint8Array): string {
  // The decoder drops the byte order mark of its encoding.
  return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
}

/** The name of the encoding, in lower case: `utf-8` unless the bytes say otherwise. */
export function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be';
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le';
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 200)).toString('latin1');
  const named = /^(?:\xef\xbb\xbf)?<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1] ?? 'utf-8';
  // A declaration that was carried over from a file of two bytes a letter.
  return /^utf-?(8|16)/i.test(named) ? 'utf-8' : named.toLowerCase();
}

/** Where an ampersand is an ordinary character: character data sections, comments, instructions. A document type may define names. */
const LITERAL = /<!\[CDATA\[.*?\]\]>|<!--.*?-->|<\?.*?\?>/gs;
const AMPERSAND = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-fA-F]{1,6});)/g;

function withWholeAmpersands(xml: string): string {
  if (!xml.includes('&') || xml.includes('<!DOCTYPE')) return xml;
  let whole = '';
  let from = 0;
  for (const { 0: literal, index } of xml.matchAll(LITERAL)) {
    whole += xml.slice(from, index).replace(AMPERSAND, '&amp;') + literal;
    from = index + literal.length;
  }
  return whole + xml.slice(from).replace(AMPERSAND, '&amp;');
}

/** @throws Error when it is not XML. */
export function rootOf(xml: string): XmlElement {
  const { root } = parseXml(xml);
  if (!root) throw new Error('it is empty');
  return root;
}

export function children(element: XmlElement): XmlElement[] {
  return element.children.filter(isElement);
}

export function childrenNamed(element: XmlElement, name: string): XmlElement[] {
  return children(element).filter((child) => localName(child) === name);
}

export function childNamed(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element && childrenNamed(element, name)[0];
}

export function localName({ name }: XmlElement): string {
  return name.slice(name.indexOf(':') + 1);
}

export function isElement(node: { type: string }): node is XmlElement {
  return node.type === 'element';
}
