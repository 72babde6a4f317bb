import { Command } from 'commander';
import { ArchiveError } from '../../archive/archive.js';
import { openArchive } from '../../archive/open-archive.js';
import { readClientConfig } from '../../config/read-config.js';
import { CommandFailure, EXIT, say } from '../../process/output.js';
import { errorText, plain } from '../../process/plain-text-output.js';
import { examples } from '../command-help.js';
import { writePrivately } from '../private-output.js';

/** `document`: fetches a filled form, its picture or a raw email from the archive. */
export function documentCommand(): Command {
  return new Command('document')
    .summary('fetch a document from the archive')
    .description(
      'Fetches a document from the archive: a filled form, a picture of its pages, or an email as it arrived.',
    )
    .configureHelp(examples('document 9f86d0…a08 --out form.pdf'))
    .argument('<SHA256>', 'as show and mail show print it')
    .requiredOption('--out <FILE>', 'where to write it; it may contain personal data')
    .action(async (sha256: string, { out }: { out: string }) => {
      if (!/^[0-9a-f]{64}$/.test(sha256)) {
        throw new CommandFailure(
          EXIT.usage,
          plain`"${sha256}" is not a sha256 of 64 hex digits. Copy it from ace-onboarding show.`,
        );
      }
      const { archive } = await openArchive(readClientConfig());
      const bytes = await archive.getDocument(sha256).catch((error: Error) => {
        const missing = error instanceof ArchiveError && error.code === 'document-missing';
        throw new CommandFailure(missing ? EXIT.notFound : EXIT.failed, errorText(error));
      });
      await writePrivately(out, bytes);
      say(plain`Wrote ${out}, ${bytes.byteLength} bytes.`);
    });
}
