/** What we use of html-to-text, which comes without types. */
declare module 'html-to-text' {
  export interface Element {
    type: string;
    name: string;
    attribs: Record<string, string>;
    children: Node[];
  }
  export type Node = Element | { type: 'text'; data: string } | { type: 'comment' | 'directive'; data: string };

  /** Takes in words and blocks; the line breaks between two blocks are the most that either asks for. */
  export interface Builder {
    addInline(text: string): void;
    openBlock(options: { leadingLineBreaks: number }): void;
    closeBlock(options: { trailingLineBreaks: number; blockTransform?: (text: string) => string }): void;
  }
  export type Formatter = (
    element: Element,
    walk: (children: Node[], builder: Builder) => void,
    builder: Builder,
    options: Record<string, unknown>,
  ) => void;

  export interface Options {
    wordwrap: number | false;
    whitespaceCharacters: string;
    /** Elements outside of which nothing is read; none for everything. */
    baseElements: { selectors: string[] };
    limits: { maxInputLength: number | undefined };
    formatters: Record<string, Formatter>;
    selectors: { selector: string; format: string; options?: Record<string, unknown> }[];
  }
  /** @returns what turns HTML into text */
  export function compile(options: Options): (html: string) => string;
}
