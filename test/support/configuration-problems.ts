import { ConfigurationError } from '../../src/config/configuration-error.js';

/** The problems that reading a configuration ends with; none when it is read. Any other error is thrown. */
export function configurationProblems(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}
