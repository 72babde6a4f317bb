import { printableLine } from './plain-text.js';

/**
 * What is wrong with a value, and what to do about it. One shape for the schema, the CSV reader and the form's gate, so
 * that an operator reads the same sentence everywhere. `problem` never repeats a confidential value in full.
 */
export interface ValidationIssue {
  /** Dotted path in the application (`officer.dateOfBirth`), or the PDF field's name where there is no such path. */
  field: string;
  /** Section of CBP's form, where the complaint is about the form: `A`, `A.1`, `B Part 2`, `C`, `D`. */
  section?: string;
  problem: string;
  remedy: string;
}

/** In one line, whatever it quotes. */
export function formatIssue(complaint: ValidationIssue): string {
  const where = complaint.section ? `${complaint.field} (Section ${complaint.section})` : complaint.field;
  return printableLine(`${where}: ${complaint.problem} ${complaint.remedy}`);
}
