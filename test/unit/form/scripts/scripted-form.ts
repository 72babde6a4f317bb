import { PDFDict, PDFDocument, PDFName, type PDFRef, PDFString, StandardFonts } from 'pdf-lib';
import { withPdfJs } from '../../../../src/form/document/pdf-js.js';

/** A box of a form, with its scripts by trigger (K, F, V, C, Fo, Bl, U) and whatever else its dictionary has. */
export interface ScriptedBox {
  name: string;
  /** Text, or the on-values of a check box (one) or radio button (several). */
  options?: string[];
  scripts?: Record<string, string>;
  entries?: Record<string, unknown>;
}

/** Whatever else of the form is not usual. */
export interface Further {
  /** Scripts of the document, by name. */
  open?: Record<string, string>;
  /** Scripts as compressed streams, in UTF-16, and one after the other in /Next. */
  asStreams?: boolean;
  change?(pdf: PDFDocument, boxes: Map<string, PDFDict>): void;
}

export async function scriptedForm(boxes: ScriptedBox[], further: Further = {}): Promise<Uint8Array> {
  const pdf = await PDFDocument.create({ updateMetadata: false });
  const { context } = pdf;
  const page = pdf.addPage([600, 40 + boxes.length * 40]);
  const { ref: font } = await pdf.embedFont(StandardFonts.Helvetica);
  const action = (text: string): PDFRef => {
    const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
    const js = further.asStreams
      ? context.register(context.flateStream(Uint8Array.from(utf16)))
      : PDFString.of(text.replace(/[\\()]/g, '\\$&'));
    return context.register(context.obj({ S: 'JavaScript', JS: js } as never));
  };
  const scriptsOf = (scripts: Record<string, string> = {}) =>
    Object.fromEntries(Object.entries(scripts).map(([trigger, text]) => [trigger, action(text)]));
  const dicts = new Map<string, PDFDict>();
  const widgets: PDFRef[] = [];
  const drawn = (content: string) =>
    context.register(context.stream(content, { Type: 'XObject', Subtype: 'Form', BBox: [0, 0, 16, 16] }));
  const [drawing, nothing] = [drawn('0 0 16 16 re f'), drawn('')];
  const fields = boxes.map(({ name, options, scripts, entries }, index) => {
    const y = index * 40 + 20;
    const field = { T: PDFString.of(name), AA: scriptsOf(scripts) };
    const widget = { Type: 'Annot', Subtype: 'Widget', F: 4 };
    const tick = (option: string, x: number) => ({
      ...widget,
      Rect: [x, y, x + 16, y + 16],
      AS: 'Off',
      AP: { N: { [option]: drawing, Off: nothing } },
    });
    if (!options) {
      const rect = { ...widget, Rect: [50, y, 450, y + 20], FT: 'Tx' };
      const ref = context.register(context.obj({ ...rect, ...field, ...entries } as never));
      widgets.push(ref);
      dicts.set(name, context.lookup(ref, PDFDict));
      return ref;
    }
    if (options.length === 1) {
      const ref = context.register(
        context.obj({ ...tick(options[0] ?? '', 50), FT: 'Btn', ...field, ...entries } as never),
      );
      widgets.push(ref);
      dicts.set(name, context.lookup(ref, PDFDict));
      return ref;
    }
    const parent = context.register(context.obj({ FT: 'Btn', Ff: 1 << 15, ...field, ...entries } as never));
    const kids = options.map((option, at) =>
      context.register(context.obj({ ...tick(option, 50 + at * 30), Parent: parent } as never)),
    );
    widgets.push(...kids);
    context.lookup(parent, PDFDict).set(PDFName.of('Kids'), context.obj(kids));
    dicts.set(name, context.lookup(parent, PDFDict));
    return parent;
  });
  page.node.set(PDFName.of('Annots'), context.obj(widgets));
  const order = boxes.flatMap(({ scripts }, index) => (scripts?.C ? [fields[index]] : []));
  pdf.catalog.set(
    PDFName.of('AcroForm'),
    context.obj({
      Fields: fields,
      CO: order,
      DA: PDFString.of('/Helv 10 Tf 0 g'),
      DR: { Font: { Helv: font } },
    } as never),
  );
  const names = Object.entries(further.open ?? {}).flatMap(([name, text]) => [PDFString.of(name), action(text)]);
  if (names.length > 0) pdf.catalog.set(PDFName.of('Names'), context.obj({ JavaScript: { Names: names } } as never));
  further.change?.(pdf, dicts);
  return pdf.save({ updateFieldAppearances: false });
}

/** What pdf.js makes of a value that is typed into a box. It runs the form's scripts, with Acrobat's functions. */
export interface Typed {
  taken: boolean;
  value: string;
  shown: string;
}

interface Sandbox {
  create(data: unknown): void;
  dispatchEvent(event: unknown): void;
  nukeSandbox(): void;
}
interface Sent {
  id: string;
  value?: unknown;
  formattedValue?: string | null;
}

/** Opens a form in pdf.js with its scripts running, in an interpreter of its own. */
export async function openInPdfJs(
  pdf: Uint8Array,
): Promise<{ type(name: string, value: string): Typed; close(): void }> {
  const [objects, calculationOrder] = await withPdfJs(pdf, async (document) => {
    const found = (await document.getFieldObjects()) as unknown as Record<string, { id: string; type: string }[]>;
    return [JSON.parse(JSON.stringify(found)) as typeof found, await document.getCalculationOrderIds()] as const;
  });
  const sent: Sent[] = [];
  const window = {
    setTimeout: () => 0,
    clearTimeout: () => {},
    setInterval: () => 0,
    clearInterval: () => {},
    alert: () => {},
    confirm: () => true,
    prompt: () => null,
    URL,
    console,
    CustomEvent: class {
      constructor(
        readonly type: string,
        readonly init: { detail: Sent },
      ) {}
    },
    dispatchEvent: ({ init }: { init: { detail: Sent } }) => sent.push(init.detail),
  };
  Object.assign(globalThis, { window });
  const module: string = 'pdfjs-dist/build/pdf.sandbox.mjs';
  const { QuickJSSandbox } = (await import(module)) as { QuickJSSandbox(): Promise<Sandbox> };
  const sandbox = await QuickJSSandbox();
  Reflect.deleteProperty(globalThis, 'window');
  const docInfo = { filename: 'form.pdf', URL: 'https://form.example/', numPages: 1, actions: {} };
  sandbox.create({ objects, calculationOrder, appInfo: { platform: 'UNIX', language: 'en-US' }, docInfo });
  sandbox.dispatchEvent({ id: 'doc', name: 'Open' });
  return {
    type(name, value) {
      // A field of several widgets has an entry of its own, without a type.
      const id = objects[name]?.find(({ type }) => type !== '')?.id ?? '';
      sent.length = 0;
      sandbox.dispatchEvent({
        id,
        name: 'Keystroke',
        value,
        change: '',
        willCommit: true,
        commitKey: 1,
        selStart: -1,
        selEnd: -1,
      });
      const last = sent.findLast((one) => one.id === id && 'formattedValue' in one);
      const kept = String(last?.value ?? '');
      return { taken: last !== undefined && kept !== '', value: kept, shown: last?.formattedValue ?? kept };
    },
    close: () => sandbox.nukeSandbox(),
  };
}
