import { connectOnboardingClient, type OnboardingClient, OnboardingError } from '../../client.js';
import { ConfigurationError } from '../../config/configuration-error.js';
import { CommandFailure, EXIT, type ExitCode } from '../../process/output.js';
import { errorText } from '../../process/plain-text-output.js';
import { inCommandWords } from '../command-words.js';

const EXIT_CODES = {
  'invalid-application': EXIT.invalid,
  'application-differs': EXIT.conflict,
  'importer-number-taken': EXIT.conflict,
  'not-found': EXIT.notFound,
  closed: EXIT.conflict,
  'actor-not-verified': EXIT.conflict,
  refused: EXIT.conflict,
  forgotten: EXIT.conflict,
  'no-answer': EXIT.failed,
} as const satisfies Record<OnboardingError['code'], ExitCode>;

/**
 * Connects, does one thing, and disconnects.
 * @throws CommandFailure with the exit code for the client's error
 */
export async function withClient<T>(use: (client: OnboardingClient) => Promise<T>): Promise<T> {
  const client = await connectOnboardingClient().catch((error: Error) => {
    throw error instanceof ConfigurationError ? error : new CommandFailure(EXIT.failed, errorText(error));
  });
  try {
    return await use(client);
  } catch (error) {
    if (!(error instanceof OnboardingError)) throw error;
    const { code, complaints, fields } = error;
    const message = code === 'refused' ? inCommandWords(error.message) : error.message;
    throw new CommandFailure(EXIT_CODES[code], errorText(new Error(message)), {
      error: { code, message, complaints, fields },
    });
  } finally {
    await client.close();
  }
}

/** What trying again would not change: a person has to decide. */
const CONFLICTS = ['application-differs', 'importer-number-taken', 'closed', 'forgotten'];

/** The exit code when some applications were not started; `codes` are those of the errors, if any. */
export function exitCodeOf(codes: string[]): ExitCode {
  if (codes.length === 0) return EXIT.invalid;
  return codes.every((code) => CONFLICTS.includes(code)) ? EXIT.conflict : EXIT.failed;
}
