import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHECKOUT } from '../support/checkout.js';

/** The rooms of the source tree and their limits: docs/decisions/0025-rooms.md. Biome checks who may import whom. */

const FILES = ['src', 'simulator'].flatMap((top) =>
  readdirSync(path.join(CHECKOUT, top), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:ts|cjs)$/.test(file))
    .map((file) => path.posix.join(top, file)),
);
const ROOMS = [...new Set(FILES.map((file) => path.posix.dirname(file)))];
const textOf = (file: string) => readFileSync(path.join(CHECKOUT, file), 'utf8');

describe('a room', () => {
  test('has at most fifteen files', () => {
    const sizes = ROOMS.map((room) => ({
      room,
      files: FILES.filter((file) => path.posix.dirname(file) === room).length,
    }));
    expect(sizes.filter(({ files }) => files > 15)).toEqual([]);
  });

  test('of the product has its line in the import rules', () => {
    const { overrides } = JSON.parse(textOf('biome.rooms.json')) as { overrides: { includes: string[] }[] };
    const ruled = overrides.flatMap(({ includes }) => includes);
    const isRuled = (room: string) =>
      ruled.includes(`${room}/*`) ||
      ruled.some((glob) => glob.endsWith('/**') && `${room}/`.startsWith(glob.slice(0, -2)));
    expect(ROOMS.filter((room) => room.startsWith('src/') && !isRuled(room))).toEqual([]);
  });

  test('is where every file is, but the two doors', () => {
    expect(FILES.filter((file) => path.posix.dirname(file) === 'src')).toEqual(['src/client.ts', 'src/worker.ts']);
  });
});

/** A file that says why it stays whole has a line "Long because …" at its top. */
test('a file has at most four hundred lines, or says why it has more', () => {
  const long = FILES.map((file) => ({ file, lines: textOf(file).split('\n').length - 1 })).filter(
    ({ lines }) => lines > 400,
  );
  expect(long.filter(({ file }) => !/Long because /.test(textOf(file).slice(0, 1_000)))).toEqual([]);
});

test('no two exported things have one name', () => {
  const places = new Map<string, string[]>();
  for (const file of FILES.filter((one) => one.startsWith('src/')))
    for (const [, name = ''] of textOf(file).matchAll(EXPORTED)) places.set(name, [...(places.get(name) ?? []), file]);
  expect([...places].filter(([, files]) => files.length > 1)).toEqual([]);
});
const EXPORTED = /^export (?:async )?(?:abstract )?(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;

/** Unit tests share loaded modules, so such a hook would run for the first file that imports it and for no other. */
test('what tests share sets up nothing when it is loaded', () => {
  const shared = ['test/support', 'test/unit'].flatMap((top) =>
    readdirSync(path.join(CHECKOUT, top), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => path.posix.join(top, file)),
  );
  expect(shared.filter((file) => /^(?:before|after)(?:Each|All)\(/m.test(textOf(file)))).toEqual([
    'test/support/leave-as-found.ts',
  ]);
});
