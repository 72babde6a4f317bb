import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Application } from '../../application/application.js';
import { checkApplication } from '../../application/schema.js';
import { formatIssue } from '../../application/validation-issue.js';
import type { CorrectionCause, OnboardingClient } from '../../client.js';
import { readClientConfig } from '../../config/read-config.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { itemized, lines, type Plain, plain } from '../../process/plain-text-output.js';
import { examples } from '../command-help.js';
import { changeShown, changesBetween, type FieldChange, valueShown, withFields } from './application-changes.js';
import { oneApplication } from './application-file.js';
import { answered, type By, reportCommand } from './report.js';
import { withClient } from './session.js';

interface Options extends By {
  set?: ReadonlyMap<string, string>;
  because?: CorrectionCause;
  reason?: string;
  replace?: true;
  dryRun?: true;
}

/** Reasons for the record, when a person gives none. */
const CAUSES = {
  'our-typo': 'our typing error',
  'form-5106': 'wrong on the Form 5106',
  changed: 'the facts have changed',
} as const satisfies Record<CorrectionCause, string>;

export function correctCommand(): Command {
  return reportCommand(
    'correct',
    'correct the application, field by field or as a whole',
    'Corrects the application and shows what changes. A change that does not concern CBP, such as a handler or a refund deadline, is made in place and emails no one. What CBP has is replaced only with --replace, unless CBP asked for a correction.',
  )
    .configureHelp(
      examples(
        'correct acme --set company.legalName="Maple Imports Inc" --because our-typo --dry-run --actor jo',
        'correct acme --set accountOwner.phone="(207) 555-0142" --because changed --actor jo',
        'correct acme acme.json --reason "as CBP asked on Dec 3" --actor jo',
      ),
    )
    .argument('[FILE]', 'FILE.json with the whole application, as show --application writes it')
    .addOption(
      new Option(
        '--set <FIELD=VALUE>',
        'one field, named as in the JSON file; repeat it for more; an empty value removes it',
      ).argParser(addField),
    )
    .addOption(
      new Option('--because <WHAT>', 'what was wrong (default: what CBP asked for)').choices(Object.keys(CAUSES)),
    )
    .option('--reason <WHY>', 'the reason, for the record; required without --because')
    .option(
      '--replace',
      'send it to CBP as a replacement of the application that CBP is deciding on; alone: the same application once more, such as after a bounce',
    )
    .option('--dry-run', 'show what would change, and change nothing')
    .action(async (reference: string, file: string | undefined, o: Options) => {
      const again = o.replace === true && file === undefined && o.set === undefined;
      if (!again && (file === undefined) === (o.set === undefined))
        throw new CommandFailure(
          EXIT.usage,
          plain`Correct either fields, with --set, or the whole application, in a FILE. To send the same application once more: --replace and --reason.`,
        );
      const reason = reasonOf(o);
      const whole = file === undefined ? undefined : await oneApplication(file);
      await withClient(async (client) => {
        const { application, changes } = await corrected(client, reference, whole, o.set, again);
        const shown = changes.map(shownAsJson);
        const above = lines([plain`${reference} changes:`, ...changes.map(changeShown), consequence(changes, o)]);
        if (o.dryRun) {
          printResult(o.json, { reference, changes: shown, dryRun: true }, () =>
            lines([above, plain`Nothing was changed.`]),
          );
          return;
        }
        const answer = await client.correct(reference, {
          ...{ actor: o.actor, reason, application },
          ...(o.because ? { because: o.because } : {}),
          ...(o.replace ? { replace: true } : {}),
        });
        printResult(o.json, { reference, ...answer, changes: shown }, () =>
          lines([plain`${reference} changes:`, ...changes.map(changeShown), answered(reference, answer)]),
        );
      });
    });
}

function reasonOf({ because, reason }: Options): string {
  const given = reason ?? (because && CAUSES[because]);
  if (given === undefined)
    throw new CommandFailure(
      EXIT.usage,
      plain`Say why: --because our-typo, form-5106 or changed, or --reason with what CBP asked for.`,
    );
  return given;
}

/** @throws CommandFailure when nothing changes, or the result is not a valid application */
async function corrected(
  client: OnboardingClient,
  reference: string,
  whole: unknown,
  fields: ReadonlyMap<string, string> = new Map(),
  again = false,
): Promise<{ application: Application; changes: FieldChange[] }> {
  const present = await client.application(reference);
  const { brokerDomains } = readClientConfig();
  const checked = checkApplication(whole ?? withFields(present, fields), { brokerDomains });
  if ('complaints' in checked)
    throw new CommandFailure(
      EXIT.invalid,
      itemized(
        plain`${reference}: the corrected application can't be used. Nothing was changed.`,
        checked.complaints.map(formatIssue),
      ),
      { error: { code: 'invalid-application', complaints: checked.complaints } },
    );
  const changes = changesBetween(present, checked.application);
  if (changes.length === 0 && !again)
    throw new CommandFailure(EXIT.conflict, plain`${reference}: nothing changes. These values are on record already.`, {
      error: { code: 'refused', message: 'Nothing changes.' },
    });
  return { application: checked.application, changes };
}

/** What follows, as far as the change alone tells. The onboarding knows the rest, and answers with it. */
function consequence(changes: FieldChange[], { replace, because }: Options): Plain {
  if (!changes.some((change) => change.concernsCbp))
    return plain`None of this concerns CBP: it would be changed in place, and CBP would hear nothing.`;
  if (because === 'form-5106')
    return plain`This concerns CBP. The Form 5106 must be updated first; the case waits for that.`;
  return replace
    ? plain`This concerns CBP: the form would be filled again and sent as a replacement.`
    : plain`This concerns CBP. If CBP has the application and asked for nothing, send it as a replacement with --replace.`;
}

function shownAsJson({ field, before, after, concernsCbp }: FieldChange) {
  return { field, before: valueShown(field, before), after: valueShown(field, after), concernsCbp };
}

function addField(given: string, before: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const at = given.indexOf('=');
  const field = given.slice(0, Math.max(at, 0)).trim();
  if (!/^[A-Za-z]+(?:\.[A-Za-z0-9]+)*$/.test(field))
    throw new InvalidArgumentError('It must be FIELD=VALUE, such as company.legalName="Maple Imports Inc".');
  if (before.has(field)) throw new InvalidArgumentError(`${field} is set twice.`);
  return new Map([...before, [field, given.slice(at + 1)]]);
}
