import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Option } from 'commander';
import { replaceDurably } from '../../files/durable-file.js';
import { FormReadBackError } from '../../form/document/read-back.js';
import { type FieldMap, FieldMapError, parseFieldMap } from '../../form/map/field-map.js';
import { UnknownEditionError } from '../../form/map/usable-map.js';
import { PdfRefusedError } from '../../form/pdf/pdf-refused.js';
import { FOREIGN_FILE_LIMITS, FormProcesses, LARGEST_FILE_BYTES } from '../../form/tasks/form-process.js';
import type { ArgumentOf, FormTaskName, ResultOf } from '../../form/tasks/form-tasks.js';
import { CommandFailure, EXIT } from '../../process/output.js';
import { errorText, plain } from '../../process/plain-text-output.js';
import { jsonIn } from '../json-file.js';

/** What the form commands share: their files, and the process that works on PDFs. */

export const ACCEPT_ACTIVE_CONTENT = () =>
  new Option(
    '--accept-active-content',
    'allow a PDF with scripts, attached files or other active content; look at it first',
  );

export type RunForm = <Name extends FormTaskName>(name: Name, argument: ArgumentOf<Name>) => Promise<ResultOf<Name>>;

/** Untrusted PDFs are processed in a child process, which is killed when it uses too much time or memory. */
export async function withForms<T>(
  work: (run: RunForm) => Promise<T>,
  limits: { milliseconds?: number } = {},
): Promise<T> {
  const processes = new FormProcesses({ ...FOREIGN_FILE_LIMITS, ...limits });
  try {
    return await work((name, argument) => processes.run(name, argument));
  } catch (error) {
    throw asFailure(error);
  } finally {
    await processes.close();
  }
}

function asFailure(error: unknown): unknown {
  if (error instanceof FieldMapError) return mapFailure(error);
  if (error instanceof PdfRefusedError || error instanceof UnknownEditionError || error instanceof FormReadBackError)
    return new CommandFailure(EXIT.invalid, errorText(error), { error: error.code, message: error.message });
  return error;
}

function mapFailure(error: FieldMapError): CommandFailure {
  return new CommandFailure(EXIT.invalid, errorText(error), { error: error.code, problems: error.problems });
}

/** @throws CommandFailure */
export function readMap(json: unknown): FieldMap {
  try {
    return parseFieldMap(json);
  } catch (error) {
    throw error instanceof FieldMapError ? mapFailure(error) : error;
  }
}

/** @throws CommandFailure when it is too large or cannot be read */
export async function readPdf(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > LARGEST_FILE_BYTES)
      throw new CommandFailure(
        EXIT.invalid,
        plain`${file} is ${Math.round(size / 1024 / 1024)} MB, larger than any form.`,
        { error: 'pdf-too-heavy' },
      );
    return await readFile(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** @throws CommandFailure */
export async function readJsonFile(file: string): Promise<unknown> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  return jsonIn(file, bytes);
}

function unreadable(file: string, error: unknown): unknown {
  if (error instanceof CommandFailure) return error;
  return new CommandFailure(EXIT.notFound, plain`${file} cannot be read: ${(error as Error).message}.`);
}

/**
 * Writes what is not personal data.
 * @param flag `wx` does not replace a file
 * @throws CommandFailure
 */
export async function write(file: string, content: string | Uint8Array, flag: 'w' | 'wx' = 'w'): Promise<void> {
  try {
    await writeFile(file, content, { flag });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new CommandFailure(EXIT.conflict, plain`${file} is already there. Choose another --out, or add --force.`);
    throw new CommandFailure(EXIT.failed, plain`${file} cannot be written: ${(error as Error).message}.`);
  }
}

/**
 * Replaces a map in one step, so that a reader, or a person who comes back later, never finds half of it.
 * @throws CommandFailure
 */
export async function replaceMap(file: string, map: object): Promise<void> {
  try {
    const mode = await stat(file).then(
      (known) => known.mode & 0o777,
      () => 0o644,
    );
    await replaceDurably(file, `${JSON.stringify(map, null, 2)}\n`, path.dirname(file));
    // A map has no personal data, and a worker under another account reads it.
    await chmod(file, mode);
  } catch (error) {
    throw new CommandFailure(EXIT.failed, plain`${file} cannot be written: ${(error as Error).message}.`);
  }
}
