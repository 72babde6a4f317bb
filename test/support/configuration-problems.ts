import { ConfigurationError } from '../../src/config/configuration-error.js';

/** The problems found when reading a configuration, or none. Throws any other error. */
export function configurationProblems(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}
