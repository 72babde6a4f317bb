import path from 'node:path';
import { Command } from 'commander';
import { findingLines } from '../../form/map/finding.js';
import type { OpenOptions } from '../../form/pdf/pdf-file.js';
import { CommandFailure, EXIT, printJson, printResult, say } from '../../process/output.js';
import { lines, plain } from '../../process/plain-text-output.js';
import { examples } from '../command-help.js';
import { ACCEPT_ACTIVE_CONTENT, readJsonFile, readMap, readPdf, withForms, write } from './form-files.js';

/** `form map` and `form check`: which box gets what, and whether that is right. */

interface MapOptions extends OpenOptions {
  from?: string;
  edition?: string;
  out?: string;
  force?: boolean;
  json?: boolean;
}

export function formMapCommand(): Command {
  return new Command('map')
    .summary('draft a field map for a form')
    .description(
      'Writes a field map for you to complete: every box with its caption, and "?" where you must say what goes in. With --from, boxes whose names or captions match keep what the map of an older edition says.',
    )
    .configureHelp(
      examples(
        'form map ace-application.pdf',
        'form map new.pdf --from old.map.json --edition 2026-04 --out new.map.json',
      ),
    )
    .argument('<FILE.pdf>', 'the form')
    .option('--from <OLD.map.json>', 'map of an older edition')
    .option('--edition <NAME>', 'name of this edition, for people (default: the name of the file)')
    .option('--out <FILE.map.json>', 'where to write it, "-" to print it (default: the form\'s name with .map.json)')
    .option('--force', 'replace an existing map')
    .addOption(ACCEPT_ACTIVE_CONTENT())
    .option('--json', 'print out, kept and open as JSON')
    .addHelpText(
      'after',
      `
To complete the map, replace each "fill": "?" with the name of a slot (docs/bring-your-own-form.md lists them), or with
"leave" and the reason. Then check it: ace-onboarding form check new.pdf --map new.map.json`,
    )
    .action(async (file: string, options: MapOptions) => {
      const template = await readPdf(file);
      const older = options.from ? readMap(await readJsonFile(options.from)) : undefined;
      const edition = options.edition ?? path.parse(file).name;
      const { map, kept, open } = await withForms((run) =>
        run('draftMap', {
          template,
          edition,
          acceptActiveContent: options.acceptActiveContent,
          ...(older ? { older } : {}),
        }),
      );
      if (options.out === '-') return printJson(map);
      const out = options.out ?? `${file.replace(/\.pdf$/i, '')}.map.json`;
      await write(out, `${JSON.stringify(map, null, 2)}\n`, options.force ? 'w' : 'wx');
      printResult(options.json, { out, kept, open, fields: map.fields.length }, () =>
        lines([
          plain`${out}: ${map.fields.length} boxes, ${kept} kept from the older map, ${open} to complete.`,
          open > 0
            ? plain`Replace each "fill": "?" with a slot, or with "leave" and the reason. Then run:`
            : plain`Nothing is left to complete. Look it over, then run:`,
          plain`  ace-onboarding form check ${file} --map ${out}`,
        ]),
      );
    });
}

export function formCheckCommand(): Command {
  return new Command('check')
    .summary('check a field map against its form')
    .description(
      `Checks a field map against a form, section by section: boxes that are missing, unmapped, of the wrong type or too short. Then fills the form with a made-up application and reads it back. Exits with ${EXIT.findings} when it finds something.`,
    )
    .configureHelp(examples('form check new.pdf --map new.map.json'))
    .argument('<FILE.pdf>', 'the form')
    .requiredOption('--map <FILE.map.json>', 'its field map')
    .option('--json', 'print ok, edition and findings as JSON')
    .action(async (file: string, { map: mapFile, json }: { map: string; json?: boolean }) => {
      const template = await readPdf(file);
      const map = await readJsonFile(mapFile);
      const checked = await withForms((run) => run('checkMap', { template, map }));
      if (checked.ok) {
        printResult(
          json,
          checked,
          () => plain`The map "${checked.edition}" fits the form. An application was filled in and read back.`,
        );
        return;
      }
      const { findings } = checked;
      const sections = [...new Set(findings.map(({ section }) => section))];
      if (!json)
        say(
          lines(
            sections.flatMap((section) => [
              section === 'map' ? plain`The map:` : plain`Section ${section}:`,
              ...findingLines(findings.filter((finding) => finding.section === section)).map((line) => plain`${line}`),
            ]),
          ),
        );
      throw new CommandFailure(
        EXIT.findings,
        plain`${findings.length} finding${findings.length === 1 ? '' : 's'}: the map cannot be used yet.`,
        checked,
      );
    });
}
