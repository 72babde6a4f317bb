import { Command } from 'commander';
import { makeArchive } from '../../archive/open-archive.js';
import { ConfigurationError } from '../../config/configuration-error.js';
import { readClientConfig } from '../../config/read-config.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { errorText, lines, plain } from '../../process/plain-text-output.js';
import { examples } from '../command-help.js';

/** `init`: creates what a worker creates on its first start, for a back office that comes before any worker. */
export function initCommand(): Command {
  return new Command('init')
    .summary('create the archive and the importer key, as a worker does on its first start')
    .description(
      'Creates the archive (ARCHIVE_DIR or ARCHIVE_BUCKET) and its secret (IMPORTER_KEY_FILE), encrypted if ENCRYPTION_KEYS is set. Running it again changes nothing. No other command creates them, so that a wrong setting cannot start onboardings in a new archive that no one knows of. Needs no server.',
    )
    .configureHelp(examples('init'))
    .option('--json', 'print the result as JSON')
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
          plain`Encryption    ${made.encryptedWith ?? 'none: only for rehearsals. To change that later, see docs/privacy.md'}`,
          plain`Back up both, and keep the encryption keys in a separate backup. Workers and commands need the same settings.`,
        ]),
      );
    });
}
