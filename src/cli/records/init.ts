import { Command } from 'commander';
import { makeArchive } from '../../archive/open-archive.js';
import { ConfigurationError } from '../../config/configuration-error.js';
import { readClientConfig } from '../../config/read-config.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { errorText, lines, plain } from '../../process/plain-text-output.js';

/** `init`: makes what a worker makes at its first start, for a back office that is there before any worker. */
export function initCommand(): Command {
  return new Command('init')
    .summary('make the archive and the importer key, as a worker does at its first start')
    .description(
      'Makes the archive (ARCHIVE_DIR or ARCHIVE_BUCKET) and the secret beside it (IMPORTER_KEY_FILE), encrypted with ENCRYPTION_KEYS where they are set. Doing it again changes nothing. No other command makes any of it, so that none starts onboardings in a place where no one looks. Needs no server.',
    )
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExamples:\n  $ ace-onboarding init')
    .action(async ({ json }: { json?: true }) => {
      const config = readClientConfig();
      await makeArchive(config).catch((error: Error) => {
        throw error instanceof ConfigurationError ? error : new CommandFailure(EXIT.failed, errorText(error));
      });
      const { archiveDir, archiveBucket: bucket, importerKeyFile, encryptionKeys } = config;
      const made = {
        archive: bucket ? `s3://${bucket.bucket}/${bucket.prefix}` : archiveDir,
        importerKeyFile,
        ...(encryptionKeys ? { encryptedWith: encryptionKeys.writingId } : {}),
      };
      printResult(json, made, () =>
        lines([
          plain`Archive       ${made.archive}`,
          plain`Importer key  ${importerKeyFile}`,
          plain`Encryption    ${made.encryptedWith ?? 'none: for rehearsals alone. To change that later, see docs/privacy.md'}`,
          plain`Back up both, and the encryption keys apart from them. Workers and commands need the same settings.`,
        ]),
      );
    });
}
