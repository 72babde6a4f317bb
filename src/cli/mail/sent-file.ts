import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { CaseFacts } from '../../mail/judging/text/mask.js';
import { CommandFailure, EXIT } from '../../process/output.js';
import { itemized, plain } from '../../process/plain-text-output.js';
import { jsonIn } from '../json-file.js';

/** A file of what was sent for which onboarding, for commands that work without an archive. */

const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? undefined);

const sentSchema = z.array(
  z.object({
    reference: z.string().min(1),
    company: optionalText,
    importerNumber: optionalText,
    furtherImporterNumbers: z.array(z.string()).optional(),
    messageIds: z
      .array(z.string())
      .nullish()
      .transform((ids) => ids ?? undefined),
    replyAlias: z
      .union([z.string(), z.object({ cbp: z.string().optional(), client: z.string().optional() })])
      .nullish()
      .transform((alias) => alias ?? undefined),
    stage: optionalText,
    /** When the current attempt was sent, ISO instant. */
    submittedAt: optionalText,
    /** The account owner, whose name may appear in letters. */
    owner: z
      .object({ firstName: z.string().min(1), lastName: z.string().min(1) })
      .nullish()
      .transform((owner) => owner ?? undefined),
    /** Texts of earlier emails of the case, sent and received, which an answer may quote. */
    mails: z.array(z.string()).optional(),
  }),
);

/** @throws CommandFailure naming each field that is wrong */
export async function readJson<T>(file: string, schema: z.ZodType<T>, option: string): Promise<T> {
  const bytes = await readFile(file).catch((error: Error) => {
    throw new CommandFailure(EXIT.invalid, plain`${option} names ${file}, which cannot be read: ${error.message}`);
  });
  const data = jsonIn(file, bytes);
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`);
  throw new CommandFailure(
    EXIT.invalid,
    itemized(plain`${option} names ${file}, which does not have the right shape:`, problems),
    problems,
  );
}

export type SentCase = z.infer<typeof sentSchema>[number];

/** The list that `--sent` names. @throws CommandFailure */
export async function readSentFile(file: string): Promise<SentCase[]> {
  return await readJson(file, sentSchema, '--sent');
}

export function factsOfSent({ company, importerNumber, furtherImporterNumbers, owner }: SentCase): CaseFacts {
  return {
    ...(company ? { company } : {}),
    importerNumbers: [...(importerNumber ? [importerNumber] : []), ...(furtherImporterNumbers ?? [])],
    ...(owner ? { owner } : {}),
  };
}
