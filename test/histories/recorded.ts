import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { temporal } from '@temporalio/proto';
import { CHECKOUT } from '../support/checkout.js';

/** The recorded histories: `test/histories/VERSION/PATH.json`, each one Temporal's history message as JSON. */

const FOLDER = path.join(CHECKOUT, 'test/histories');

/** The current version, released or not. */
export const VERSION = (JSON.parse(readFileSync(path.join(CHECKOUT, 'package.json'), 'utf8')) as { version: string })
  .version;

/** Whether onboardings of this version may be running somewhere: its heading in the changelog has a date. */
export function isReleased(version: string): boolean {
  return readFileSync(path.join(CHECKOUT, 'CHANGELOG.md'), 'utf8').includes(`## [${version}] - `);
}

export const fileOf = (version: string, name: string) => path.join(FOLDER, version, `${name}.json`);

export function recordedVersions(): string[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

export function recordedPaths(version: string): string[] {
  return readdirSync(path.join(FOLDER, version))
    .filter((file) => file.endsWith('.json'))
    .map((file) => path.basename(file, '.json'));
}

export function readHistory(version: string, name: string): temporal.api.history.v1.History {
  return temporal.api.history.v1.History.fromObject(JSON.parse(readFileSync(fileOf(version, name), 'utf8')));
}
