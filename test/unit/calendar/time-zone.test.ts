import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compiled } from '../../support/compiled.js';

/** Deadlines around midnight, weekends and clock changes, computed in a separate process. */
const program = (src: string) => `
  const { deadline } = await import(${JSON.stringify(pathToFileURL(join(src, 'calendar/deadline.js')).href)});
  const { clock, dayAndTime } = await import(${JSON.stringify(pathToFileURL(join(src, 'calendar/format.js')).href)});
  const calendar = { cutOffHour: 17, extraClosures: [{ date: '2026-12-24', reason: 'closed' }], inaugurationDay: true };
  const found = [];
  for (let hour = 0; hour < 24 * 400; hour += 7) {
    const from = new Date(Date.UTC(2026, 1, 1, hour, 30));
    found.push([deadline(from, hour % 11, calendar), clock(from), dayAndTime(from)]);
  }
  process.stdout.write(JSON.stringify({ offset: new Date(2026, 6, 1).getTimezoneOffset(), found }));`;

let src: string;
beforeAll(() => {
  src = compiled('src/calendar/deadline.ts');
});
afterAll(() => rm(src, { recursive: true }));

it('deadlines and their texts are the same in every time zone and language', async () => {
  const zones = [
    'UTC',
    'America/New_York',
    'America/Los_Angeles',
    'Asia/Kolkata',
    'Pacific/Kiritimati',
    'Pacific/Niue',
  ];
  const results = await Promise.all(
    zones.map(async (TZ) => {
      const env = { ...process.env, TZ, LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8' };
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program(src)], {
        env,
        maxBuffer: 64 * 1024 * 1024,
      });
      return JSON.parse(stdout) as { offset: number; found: unknown };
    }),
  );
  expect(results.map((r) => r.offset)).toEqual([0, 240, 420, -330, -840, 660]);
  for (const result of results) expect(result.found).toEqual(results[0]?.found);
});
