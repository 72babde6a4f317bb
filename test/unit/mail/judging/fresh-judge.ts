import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compiled } from '../../../support/compiled.js';

/** The judge, compiled just now, so that its threads run the code in `src/` and not an old build. */
export async function freshJudge(): Promise<{
  module: typeof import('../../../../src/mail/judging/judge.js');
  directory: string;
}> {
  const directory = compiled('src/mail/judging/judge-thread.ts');
  symlinkSync(join(import.meta.dirname, '../../../../node_modules'), join(directory, 'node_modules'));
  return { module: await import(pathToFileURL(join(directory, 'mail/judging/judge.js')).href), directory };
}
