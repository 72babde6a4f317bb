import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compiled } from '../../../support/compiled.js';

/** The judge as JavaScript, compiled now: its threads run what is in `src/`, not what was built at some time. */
export async function freshJudge(): Promise<{
  module: typeof import('../../../../src/mail/judging/judge.js');
  directory: string;
}> {
  const directory = compiled('src/mail/judging/judge-thread.ts');
  symlinkSync(join(import.meta.dirname, '../../../../node_modules'), join(directory, 'node_modules'));
  return { module: await import(pathToFileURL(join(directory, 'mail/judging/judge.js')).href), directory };
}
