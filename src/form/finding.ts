import { complain } from '../application/complaint.js';

export interface Finding {
  /** A section of the form, or `map` for the map as a whole. */
  section: string;
  kind: 'to-complete' | 'other-file' | 'missing' | 'unmapped' | 'mistyped' | 'too-short' | 'rule';
  field: string;
  problem: string;
  remedy: string;
}

export function findingLine({ field, kind, problem, remedy }: Finding): string {
  return `[${kind}] ${complain({ field, problem, remedy })}`;
}
