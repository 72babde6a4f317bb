/** The parts of html-to-text that we use. The package has no types. */
declare module 'html-to-text' {
  export interface Element {
    type: string;
    name: string;
    attribs: Record<string, string>;
    children: Node[];
  }
  export type Node = Element | { type: 'text'; data: string } | { type: 'comment' | 'directive'; data: string };

  /** Collects words and blocks. Between two blocks it writes the larger number of line breaks that either asks for. */
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
    /** The only elements to read; empty to read everything. */
    baseElements: { selectors: string[] };
    limits: { maxInputLength: number | undefined };
    formatters: Record<string, Formatter>;
    selectors: { selector: string; format: string; options?: Record<string, unknown> }[];
  }
  /** @returns a function that turns HTML into text */
  export function compile(options: Options): (html: string) => string;
}
