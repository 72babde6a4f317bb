import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** A form as poppler prints it and qpdf reads it: neither had a part in filling it. */

export interface Word {
  text: string;
  /** Points from the top left corner of the paper. */
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Paper {
  words: Word[];
  picture: Picture;
}

/** Shades from 0 (black) to 255, row by row from the top left dot. */
export interface Picture {
  width: number;
  height: number;
  dots: Uint8Array;
}

export interface ReadField {
  value: string;
  /** Of the field: 1 is read-only. */
  fieldFlags: number;
  /** Of each widget: 4 is printed. */
  widgetFlags: number[];
}

export interface PrintedForm {
  papers: Paper[];
  fields: Map<string, ReadField>;
}

export const PROGRAMS = ['pdftocairo', 'pdftotext', 'pdftoppm', 'qpdf'];
const DOTS_PER_INCH = 100;
/** Dots per point. */
export const SCALE = DOTS_PER_INCH / 72;

const started = promisify(execFile);
async function run(program: string, args: string[]): Promise<Buffer> {
  const { stdout } = await started(program, args, { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Prints a file and reads its fields. @throws what qpdf says when the file is not sound */
export async function printForm(pdf: Uint8Array): Promise<PrintedForm> {
  const folder = mkdtempSync(path.join(tmpdir(), 'any-form-'));
  try {
    const [file, paper] = [path.join(folder, 'form.pdf'), path.join(folder, 'paper.pdf')];
    writeFileSync(file, pdf);
    const [json] = await Promise.all([
      run('qpdf', ['--warning-exit-0', '--json', '--json-key=acroform', file]),
      run('pdftocairo', ['-pdf', file, paper]),
      run('qpdf', ['--check', file]),
    ]);
    const [text, pictures] = await Promise.all([
      run('pdftotext', ['-bbox', paper, '-']),
      run('pdftoppm', ['-gray', '-r', String(DOTS_PER_INCH), paper]),
    ]);
    const words = wordsIn(text.toString());
    return {
      papers: picturesIn(pictures).map((picture, index) => ({ picture, words: words[index] ?? [] })),
      fields: fieldsIn(json.toString()),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function wordsIn(html: string): Word[][] {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return html
    .split('<page ')
    .slice(1)
    .map((page) =>
      [
        ...page.matchAll(/<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)<\/word>/gs),
      ].map(([, left, top, right, bottom, text = '']) => ({
        text: text.replace(/&(\w+);/g, (all, name) => entities[name] ?? all),
        ...{ left: Number(left), top: Number(top), right: Number(right), bottom: Number(bottom) },
      })),
    );
}

function picturesIn(pgm: Buffer): Picture[] {
  const pictures: Picture[] = [];
  for (let at = 0; at < pgm.length; ) {
    const header = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(pgm.toString('latin1', at, at + 40));
    if (!header) throw new Error('pdftoppm made no picture.');
    const [width, height] = [Number(header[1]), Number(header[2])];
    at += header[0].length;
    pictures.push({ width, height, dots: pgm.subarray(at, at + width * height) });
    at += width * height;
  }
  return pictures;
}

interface QpdfField {
  fullname: string;
  value: string | null;
  fieldflags: number;
  annotation: { annotationflags: number };
}

function fieldsIn(json: string): Map<string, ReadField> {
  const fields = new Map<string, ReadField>();
  for (const { fullname, value, fieldflags, annotation } of (JSON.parse(json) as { acroform: { fields: QpdfField[] } })
    .acroform.fields) {
    const read = fields.get(fullname) ?? { value: readValue(value), fieldFlags: fieldflags, widgetFlags: [] };
    read.widgetFlags.push(annotation.annotationflags);
    fields.set(fullname, read);
  }
  return fields;
}

/** qpdf writes text as u:text, and a name with its slash. */
function readValue(value: string | null): string {
  if (typeof value !== 'string' || value === '/Off') return '';
  return value.replace(/^u:|^\//, '');
}
