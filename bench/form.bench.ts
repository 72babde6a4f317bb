/**
 * How fast we fill the form, compared with bare pdf-lib filling the same boxes of the same file. Our fills and bare fills
 * alternate, and the ratio is taken within one run. Ours include all checks and reading everything back with a second
 * library. Bare is what anyone would write without them: load, set, save. For a dynamic form: load, parse the data, set,
 * put it back, save. Each of our fills has different data. We also have pdf.js lay out a dynamic form once for each
 * combination of filled boxes and options (src/form/xfa/xfa-proof.ts), so the first fill of each is listed separately.
 * The maps are accepted, as in use: the pages were drawn once, at check. Cold is the first fill of a fresh process.
 * Also measured: how long a fill holds up the caller's event loop, how soon the first of many preparations that begin
 * together has its form, and what hostile files cost.
 * BENCH_FILLS: how many fills of each kind (default 60).
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { DOMParser, type Element, XMLSerializer } from '@xmldom/xmldom';
import { PDFDocument as ForkedPDFDocument } from 'pdf-lib';
import {
  decodePDFRawStream,
  PDFArray,
  PDFDict,
  PDFDocument,
  PDFName,
  type PDFRawStream,
  PDFRef,
} from 'pdf-lib-original';
import { expect, test } from 'vitest';
import { makeReplica, type Replica, VARIANTS, type Variant } from '../forms/replica-variants.js';
import type { Application } from '../src/application/application.js';
import { acceptMap } from '../src/form/check/check-map.js';
import { draftMap } from '../src/form/draft/draft-map.js';
import { fillForm } from '../src/form/fill/fill-form.js';
import { openForm } from '../src/form/map/edition.js';
import { openFormDocument } from '../src/form/open-form-document.js';
import { createFormFiller, FOREIGN_FILE_LIMITS, FormProcesses } from '../src/form/tasks/form-process.js';
import { longestHoldUp, residentMegabytes } from '../test/support/held-up.js';
import { hostileFiles } from '../test/support/hostile-pdfs.js';
import { livecycleForm } from '../test/support/livecycle/livecycle-form.js';
import { sampleApplication } from '../test/unit/form/sample-application.js';
import { bareAcroForm } from './bare/bare-acroform.mjs';

/** Fills that are not counted. A worker runs for hours, and just-in-time compilation takes a while. */
const WARMING_UP = 30;
const FILLS = Number(process.env.BENCH_FILLS ?? 60);

/** With a map that a person has accepted, as every map is that is used for real. */
async function acceptedReplica(variant: Variant): Promise<Replica> {
  const { pdf, map } = await makeReplica(variant);
  const accepted = await acceptMap({ template: pdf, map, by: 'the benchmark' });
  if ('findings' in accepted) throw new Error(JSON.stringify(accepted.findings));
  return { pdf, map: accepted.map };
}

/** What our filler wrote into each field, so that bare pdf-lib writes the same. */
type Written = { name: string; type: string; value: string }[];

async function written(replica: Replica, application: Application): Promise<Written> {
  const form = await fillForm({ application, template: replica.pdf, map: replica.map });
  if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
  const document = await openFormDocument(form.pdf);
  return document.fields.filter(({ value }) => value !== '').map(({ name, type, value }) => ({ name, type, value }));
}

async function bareDynamicXfa(template: Uint8Array, values: Written): Promise<Uint8Array> {
  const pdf = await PDFDocument.load(template, { updateMetadata: false });
  const xfa = pdf.catalog.lookup(PDFName.of('AcroForm'), PDFDict).lookup(PDFName.of('XFA'), PDFArray);
  const at =
    Array.from({ length: xfa.size() }, (_, index) => index).find((index) => String(xfa.get(index)) === '(datasets)') ??
    0;
  const stream = xfa.lookup(at + 1) as PDFRawStream;
  const xml = new DOMParser().parseFromString(
    new TextDecoder().decode(decodePDFRawStream(stream).decode()),
    'text/xml',
  );
  const root = xml.getElementsByTagName('form1')[0];
  if (!root) throw new Error('The data part has no form1.');
  for (const { name, value } of values) {
    let node: Element = root;
    for (const step of name
      .replaceAll(/\[\d+\]/g, '')
      .split('.')
      .slice(1)) {
      let child = [...Array.from(node.childNodes)].find((candidate) => candidate.nodeName === step) as
        | Element
        | undefined;
      if (!child) {
        child = xml.createElement(step);
        node.appendChild(child);
      }
      node = child;
    }
    node.textContent = value;
  }
  const ref = xfa.get(at + 1);
  const packed = pdf.context.flateStream(new TextEncoder().encode(new XMLSerializer().serializeToString(xml)));
  if (ref instanceof PDFRef) pdf.context.assign(ref, packed);
  return pdf.save({ updateFieldAppearances: false });
}

const BARE: Record<Variant, { with: string; fill: (template: Uint8Array, values: Written) => Promise<Uint8Array> }> = {
  acroform: {
    with: 'the original pdf-lib 1.17',
    fill: (template, values) => bareAcroForm(template, values, PDFDocument),
  },
  'hybrid-xfa': {
    with: 'the original pdf-lib 1.17',
    fill: (template, values) => bareAcroForm(template, values, PDFDocument),
  },
  'dynamic-xfa': { with: 'the original pdf-lib 1.17', fill: bareDynamicXfa },
  // The original library cannot open it.
  encrypted: {
    with: 'the fork the product uses',
    fill: (template, values) => bareAcroForm(template, values, ForkedPDFDocument as unknown as typeof PDFDocument),
  },
  'next-edition': {
    with: 'the original pdf-lib 1.17',
    fill: (template, values) => bareAcroForm(template, values, PDFDocument),
  },
};

test('fills compared with bare pdf-lib', async () => {
  const { warn } = console;
  // pdf-lib warns every time that it drops XFA.
  console.warn = () => {};
  const rows: Record<string, string | number>[] = [];
  for (const variant of VARIANTS) rows.push(await measure(variant));
  console.warn = warn;
  console.table(rows);
});

async function measure(variant: Variant) {
  const replica = await acceptedReplica(variant);
  const application = sampleApplication();
  const values = await written(replica, application);
  const { with: library, fill } = BARE[variant];
  const ours: number[] = [];
  const theirs: number[] = [];
  const first = await firstOfEachCombination(replica);
  const processor = { ours: [] as number[], theirs: [] as number[] };
  for (let i = -WARMING_UP; i < FILLS; i++) {
    const another = sampleApplication((a) => (a.company.legalName = `Importations ${i} Inc.`));
    const [begun, begunWith] = [performance.now(), processorTime()];
    const form = await fillForm({ application: another, template: replica.pdf, map: replica.map });
    if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
    const [between, betweenWith] = [performance.now(), processorTime()];
    await fill(replica.pdf, values);
    if (i < 0) continue;
    ours.push(between - begun);
    theirs.push(performance.now() - between);
    processor.ours.push(betweenWith - begunWith);
    processor.theirs.push(processorTime() - betweenWith);
  }
  return {
    variant,
    fields: values.length,
    'ours, fills/s': perSecond(ours),
    'ours, p99 ms': percentile(ours, 0.99),
    'first of its kind, ms': percentile(first, 0.5),
    'bare with': library,
    'bare, fills/s': perSecond(theirs),
    'bare, p99 ms': percentile(theirs, 0.99),
    'ours / bare': Number((median(theirs) / median(ours)).toFixed(2)),
    // Equal on an idle machine. On a busy one, this counts only the fills themselves.
    'ours / bare, processor': Number((median(processor.theirs) / median(processor.ours)).toFixed(2)),
  };
}

/** Milliseconds of fills with different combinations of optional boxes. The very first is not counted. */
async function firstOfEachCombination(replica: Replica): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < 8; i++) {
    const application = sampleApplication((a) => {
      if (i & 1) delete a.company.duns;
      if (i & 2) a.company.fax = '+1 514 555 0199';
      if (i & 4) a.company.website = 'https://cafe.example';
    });
    const begun = performance.now();
    const form = await fillForm({ application, template: replica.pdf, map: replica.map });
    if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
    if (i > 0) times.push(performance.now() - begun);
  }
  return times;
}

test('the first fill of a fresh process compared with bare pdf-lib', async () => {
  const rows = [];
  for (const variant of ['acroform', 'hybrid-xfa', 'encrypted'] as const) {
    const replica = await acceptedReplica(variant);
    const application = sampleApplication();
    const folder = await mkdtemp(path.join(tmpdir(), 'cold-'));
    const library = variant === 'encrypted' ? 'pdf-lib' : 'pdf-lib-original';
    const files = {
      'form.pdf': replica.pdf,
      'form.map.json': JSON.stringify(replica.map),
      'application.json': JSON.stringify(application),
      'values.json': JSON.stringify({ library, values: await written(replica, application) }),
    };
    for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
    const times = { ours: [] as Cold[], bare: [] as Cold[] };
    for (let run = 0; run < COLD_RUNS; run++)
      for (const who of ['ours', 'bare'] as const) times[who].push(await coldFill(who, folder));
    await rm(folder, { recursive: true });
    const typical = (who: 'ours' | 'bare', what: keyof Cold) => median(times[who].map((time) => time[what]));
    rows.push({
      variant,
      'ours, ms': Math.round(typical('ours', 'fill')),
      'bare, ms': Math.round(typical('bare', 'fill')),
      'times bare': Number((typical('ours', 'fill') / typical('bare', 'fill')).toFixed(2)),
      'with loading the modules': Number((typical('ours', 'withModules') / typical('bare', 'withModules')).toFixed(2)),
    });
  }
  console.table(rows);
});

const COLD_RUNS = 5;

/** Milliseconds of the first fill, and of it with the modules that it loads. */
interface Cold {
  fill: number;
  withModules: number;
}

async function coldFill(who: 'ours' | 'bare', folder: string): Promise<Cold> {
  const { stdout } = await promisify(execFile)(process.execPath, ['bench/cold-fill.mjs', who, folder]);
  return JSON.parse(stdout) as Cold;
}

/** A worker also polls, sends heartbeats and answers queries while forms are filled. */
test('how long fills hold up the event loop of the caller', async () => {
  const replica = await acceptedReplica('acroform');
  const filler = createFormFiller({ template: replica.pdf, map: replica.map });
  const idle = await longestHoldUp(() => new Promise((resolve) => setTimeout(resolve, 3_000)));
  const begun = process.cpuUsage();
  const filling = await longestHoldUp(async () => {
    for (let i = 0; i < FILLS; i++) await filler.fill(sampleApplication((a) => (a.company.legalName = `Company ${i}`)));
  });
  const { user, system } = process.cpuUsage(begun);
  await filler.close();
  console.log(
    `\nProcessor time in the calling process: ${((user + system) / 1000 / FILLS).toFixed(1)} ms per fill, including garbage collection and measuring.`,
  );
  console.log(
    `\nLongest hold-up of the caller's event loop, not counting waits for a processor: ${filling.toFixed(1)} ms during the start of the process and ${FILLS} fills, ${idle.toFixed(1)} ms during 3 s of idling.`,
  );
});

/**
 * When the first and the last of many preparations that begin together have their form and picture. Before: all at once, with
 * a turn of the process for the form and another for the picture. Now: one turn, and two at a time.
 */
test('how soon the first of many preparations has its form', async () => {
  const { template, map } = await openForm('forms/replica.pdf', 'forms/replica.map.json');
  const processes = new FormProcesses({ ...FOREIGN_FILE_LIMITS, pages: 6 });
  const order = (n: number) => {
    const application = sampleApplication((a) => (a.company.legalName = `Together ${n} Inc.`));
    return { application, template, map };
  };
  const inTwoTurns = async (n: number) => {
    const form = await processes.run('fillForm', order(n));
    if (form.kind === 'filled') await processes.run('previewForm', { pdf: form.pdf });
  };
  const inOneTurn = async (n: number) => {
    await processes.run('fillForm', { ...order(n), picture: true });
  };
  await together(inOneTurn, 5, 1);
  const rows = [
    { how: 'all at once, two turns', ...(await together(inTwoTurns, FILLS, FILLS)) },
    { how: 'two at a time, one turn', ...(await together(inOneTurn, FILLS, 2)) },
  ];
  await processes.close();
  console.log(`\n${FILLS} preparations that begin together:`);
  console.table(rows);
});

async function together(prepare: (n: number) => Promise<void>, many: number, atOnce: number) {
  const begun = performance.now();
  const ends: number[] = [];
  let next = 0;
  const lane = async () => {
    while (next < many) {
      await prepare(next++);
      ends.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  const [first = 0, last = 0] = [ends[0], ends.at(-1)];
  const seconds = (ms: number) => Number((ms / 1000).toFixed(2));
  return {
    'first ends, s': seconds(first),
    'last ends, s': seconds(last),
    'first / last': Number((first / last).toFixed(3)),
  };
}

test('how much memory the process takes that fills forms', async () => {
  const rows = [];
  const five = await acceptedReplica('acroform');
  const twenty = await livecycleForm({ kind: 'hybrid', pages: 20, encrypted: 'AES-128', usageRights: true });
  const { map } = await draftMap({ template: twenty, edition: 'x' });
  // Every text box is filled, so that every page is drawn.
  const fields = map.fields.map((entry) => {
    const { field, section } = entry;
    return 'fill' in entry && !('choices' in entry)
      ? { field, section, fill: 'officer.lastName', shrink: true }
      : { field, section, leave: 'is no text' };
  });
  const tasks = {
    'fills of 5 pages': (processes: FormProcesses) =>
      processes.run('fillForm', { application: sampleApplication(), template: five.pdf, map: five.map }),
    'checks of 20 pages': (processes: FormProcesses) =>
      processes.run('checkMap', { template: twenty, map: { ...map, fields } }),
  };
  for (const [task, run] of Object.entries(tasks)) {
    const processes = new FormProcesses(FOREIGN_FILE_LIMITS);
    const megabytes = [];
    for (let done = 1; done <= 40; done++) {
      await run(processes);
      if (done % 10 === 0) megabytes.push(Math.max(...processes.pids.map(residentMegabytes)));
    }
    await processes.close();
    rows.push({ task, 'MB after 10, 20, 30, 40': megabytes.map(Math.round).join(', ') });
  }
  console.table(rows);
}, 300_000);

test('what hostile files cost', async () => {
  const { pdf } = await makeReplica();
  const processes = new FormProcesses(FOREIGN_FILE_LIMITS);
  const rows: Record<string, string | number>[] = [];
  for (const { name, make } of hostileFiles()) {
    const template = make(pdf);
    const begun = performance.now();
    // Some can be looked at, as a file without boxes.
    const outcome = await processes
      .run('inspectForm', { template })
      .then(() => processes.run('fillValues', { template, values: {} }))
      .then(
        () => 'READ',
        (error: { code?: string }) => String(error.code),
      );
    rows.push({ file: name, outcome, seconds: Number(((performance.now() - begun) / 1000).toFixed(2)) });
  }
  await processes.close();
  console.log(
    `\nHostile files, with limits of ${FOREIGN_FILE_LIMITS.megabytes} MB and ${FOREIGN_FILE_LIMITS.milliseconds / 1000} s of processor time:`,
  );
  console.table(rows);
  expect(rows.filter(({ outcome }) => outcome === 'READ')).toEqual([]);
});

const sum = (times: number[]) => times.reduce((total, time) => total + time, 0);
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
const median = (times: number[]) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
const perSecond = (times: number[]) => Number(((1000 * times.length) / sum(times)).toFixed(1));
function percentile(times: number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}
