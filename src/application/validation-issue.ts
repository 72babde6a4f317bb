import { printableLine } from './plain-text.js';

/**
 * What is wrong with a value, and what to do about it. The schema, the CSV reader, and the check of the form all use it, so
 * that operators read the same sentence everywhere. `problem` never repeats a confidential value in full.
 */
export interface ValidationIssue {
  /** Dotted path in the application (`officer.dateOfBirth`), or the name of the PDF field if there is no such path. */
  field: string;
  /** Section of CBP's form, if the problem is about the form: `A`, `A.1`, `B Part 2`, `C`, `D`. */
  section?: string;
  problem: string;
  remedy: string;
}

/** On one line, whatever it quotes. */
export function formatIssue(complaint: ValidationIssue): string {
  const where = complaint.section ? `${complaint.field} (Section ${complaint.section})` : complaint.field;
  return printableLine(`${where}: ${complaint.problem} ${complaint.remedy}`);
}
