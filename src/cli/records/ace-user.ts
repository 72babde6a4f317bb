import { Command } from 'commander';
import { problemWithActor } from '../../application/actor-validation.js';
import { openArchive } from '../../archive/open-archive.js';
import { inNewYork, isCalendarDay } from '../../calendar/day.js';
import { longDay } from '../../calendar/format.js';
import { readAceUsers, readClientConfig } from '../../config/read-config.js';
import { type AceUser, aceAddresses, aceUserAlarm, aceUsersOf, recordSignIn } from '../../digest/ace-users.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { lines, type Plain, plain } from '../../process/plain-text-output.js';
import { examples } from '../command-help.js';

/** `ace-user`: when the broker's own users last signed in to ACE. */
export function aceUserCommand(): Command {
  return new Command('ace-user')
    .summary("watch your brokerage's own ACE users")
    .description(
      'ACE disables a user after 45 days without a sign-in, and then you see no client any more. Record each sign-in here. From 30 days on, the digest of operations says so every morning.',
    )
    .addCommand(signedInCommand())
    .addCommand(statusCommand());
}

function signedInCommand(): Command {
  return new Command('signed-in')
    .summary('record that someone signed in to ACE')
    .configureHelp(examples('ace-user signed-in --actor jo', 'ace-user signed-in --actor jo --on 2026-12-01'))
    .requiredOption('--actor <NAME>', 'who signed in')
    .option('--on <DAY>', 'the day, such as 2026-12-01; default: today')
    .option('--user <ADDRESS>', 'with a second ACE user: which one; default: BROKER_ACE_EMAIL')
    .option('--json', 'print the result as JSON')
    .action(async ({ actor, on, user, json }: { actor: string; on?: string; user?: string; json?: true }) => {
      const now = new Date();
      const today = inNewYork(now).day;
      const email = addressOf(user, aceAddresses(readAceUsers()));
      const signedInOn = on ?? today;
      if (!isCalendarDay(signedInOn) || signedInOn > today)
        throw new CommandFailure(EXIT.usage, plain`--on is "${signedInOn}". Use a day up to today, such as ${today}.`);
      const problem = problemWithActor(actor);
      if (problem) throw new CommandFailure(EXIT.usage, plain`${problem}`);
      const { archive } = await openArchive(readClientConfig());
      const recorded = await recordSignIn(archive, email, { signedInOn, actor, recordedAt: now.toISOString() });
      printResult(json, { email, ...recorded }, () =>
        recorded.signedInOn === signedInOn
          ? plain`Recorded: ${email} signed in to ACE on ${longDay(signedInOn)} (${recorded.actor}).`
          : plain`Nothing changed: a later sign-in of ${email} is on record, on ${longDay(recorded.signedInOn)} (${recorded.actor}).`,
      );
    });
}

function statusCommand(): Command {
  return new Command('status')
    .summary('show when your ACE users last signed in')
    .description(`Exits with ${EXIT.findings} when someone should sign in.`)
    .configureHelp(examples('ace-user status', 'ace-user status --json'))
    .option('--json', 'print the result as JSON')
    .action(async ({ json }: { json?: true }) => {
      const { archive } = await openArchive(readClientConfig());
      const users = await aceUsersOf(archive, aceAddresses(readAceUsers()), inNewYork(new Date()).day);
      printResult(json, users, () => lines(users.map(line)));
      if (users.some(({ alarm }) => alarm))
        throw new CommandFailure(EXIT.findings, plain`Someone should sign in to ACE.`);
    });
}

function line(user: AceUser): Plain {
  const { email, last, days } = user;
  if (!last) return plain`${aceUserAlarm(user)}`;
  const alarm = aceUserAlarm(user);
  return alarm
    ? plain`${alarm}`
    : plain`${email} last signed in on ${longDay(last.signedInOn)}, ${days} ${days === 1 ? 'day' : 'days'} ago (${last.actor}).`;
}

/** @throws CommandFailure if it is not one of our users */
function addressOf(given: string | undefined, known: string[]): string {
  const found = given === undefined ? known[0] : known.find((one) => one.toLowerCase() === given.trim().toLowerCase());
  if (found) return found;
  throw new CommandFailure(
    EXIT.usage,
    plain`--user is "${given}", which is not one of your ACE users: ${known.join(', ')}. Set BROKER_ACE_SECOND_EMAIL if it is the second one.`,
  );
}
