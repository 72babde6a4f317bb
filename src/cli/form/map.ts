import path from 'node:path';
import { Command } from 'commander';
import { findingLines, type MapFinding } from '../../form/map/map-findings.js';
import type { OpenOptions } from '../../form/pdf/pdf-file.js';
import { CommandFailure, EXIT, printJson, printResult, say } from '../../process/output.js';
import { lines, type Plain, plain } from '../../process/plain-text-output.js';
import { examples } from '../command-help.js';
import { ACCEPT_ACTIVE_CONTENT, readJsonFile, readMap, readPdf, replaceMap, withForms, write } from './form-files.js';

/** `form draft`, `form check` and `form accept`: which box gets what, and whether that is right. */

interface CheckOptions {
  map: string;
  picture?: string;
  json?: boolean;
}

interface MapOptions extends OpenOptions {
  from?: string;
  edition?: string;
  out?: string;
  force?: boolean;
  json?: boolean;
}

export function formDraftCommand(): Command {
  return new Command('draft')
    .alias('map')
    .summary('draft a field map for a form')
    .description(
      'Writes a field map for you to complete: every box with its caption, and "?" where you must say what goes in, with a suggestion where the caption is clear. With --from, boxes whose names or captions match keep what the map of an older edition says.',
    )
    .configureHelp(
      examples(
        'form draft ace-application.pdf',
        'form draft new.pdf --from old.map.json --edition 2026-04 --out new.map.json',
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
    .configureHelp(
      examples('form check new.pdf --map new.map.json', 'form check new.pdf --map new.map.json --picture filled.png'),
    )
    .argument('<FILE.pdf>', 'the form')
    .requiredOption('--map <FILE.map.json>', 'its field map')
    .option(
      '--picture <OUT.png>',
      'also write a picture of the made-up application, to look at before you accept the map',
    )
    .option('--json', 'print ok, edition, findings, toDraw, notes and lengths as JSON')
    .action(async (file: string, { map: mapFile, picture: out, json }: CheckOptions) => {
      const template = await readPdf(file);
      const map = await readJsonFile(mapFile);
      const { picture, ...checked } = await withForms((run) =>
        run('checkMap', { template, map, picture: out !== undefined }),
      );
      if (out && picture) await write(out, picture);
      if (checked.ok) {
        printResult(json, checked, () =>
          lines([
            plain`The map "${checked.edition}" fits the form. An application was filled in and read back.`,
            ...checked.notes.map((note) => plain`Note: ${note}`),
            ...(out ? [plain`Wrote the picture: ${out}`] : []),
          ]),
        );
        return;
      }
      const { findings } = checked;
      if (!json) say(findingsBySection(findings));
      throw refusedMap(findings, checked);
    });
}

export function formAcceptCommand(): Command {
  return new Command('accept')
    .summary('accept a field map that you have looked at')
    .description(
      'Checks a field map once more and writes into it who accepted it and when. Only an accepted map is used to send applications, and any change to it makes the acceptance void. Look at the picture from "form check --picture" first: no program knows whether a box is the one that its caption says.',
    )
    .configureHelp(examples('form accept new.pdf --map new.map.json --by "Jo Lee"'))
    .argument('<FILE.pdf>', 'the form')
    .requiredOption('--map <FILE.map.json>', 'its field map, which is changed')
    .requiredOption('--by <NAME>', 'your name')
    .option('--json', 'print accepted or findings as JSON')
    .action(async (file: string, { map: mapFile, by, json }: { map: string; by: string; json?: boolean }) => {
      if (!by.trim()) throw new CommandFailure(EXIT.usage, plain`Pass the name of the person who accepts with --by.`);
      const template = await readPdf(file);
      const map = await readJsonFile(mapFile);
      const accepted = await withForms((run) => run('acceptMap', { template, map, by: by.trim() }));
      if ('findings' in accepted) {
        if (!json) say(findingsBySection(accepted.findings));
        throw refusedMap(accepted.findings, accepted);
      }
      await replaceMap(mapFile, accepted.map);
      printResult(json, { accepted: accepted.map.accepted }, () => usable(file, mapFile, by.trim()));
    });
}

/** How to use an accepted map. */
export function usable(file: string, mapFile: string, by: string): Plain {
  return lines([
    plain`Accepted by ${by}. To use the form, set these two variables and restart the worker:`,
    plain`  FORM_TEMPLATE=${path.resolve(file)}`,
    plain`  FORM_MAP=${path.resolve(mapFile)}`,
  ]);
}

export function findingsBySection(findings: MapFinding[]): Plain {
  const sections = [...new Set(findings.map(({ section }) => section))];
  return lines(
    sections.flatMap((section) => [
      section === 'map' ? plain`The map:` : plain`Section ${section}:`,
      ...findingLines(findings.filter((finding) => finding.section === section)).map((line) => plain`${line}`),
    ]),
  );
}

function refusedMap(findings: MapFinding[], details: unknown): CommandFailure {
  return new CommandFailure(
    EXIT.findings,
    plain`${findings.length} finding${findings.length === 1 ? '' : 's'}: the map cannot be used yet.`,
    details,
  );
}
