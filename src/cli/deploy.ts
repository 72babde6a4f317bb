import { Client } from '@temporalio/client';
import { IllegalStateError } from '@temporalio/common';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { Command } from 'commander';
import { openArchive } from '../archive/open-archive.js';
import { type ClientConfig, readClientConfig } from '../config/read-config.js';
import { CommandFailure, EXIT, printResult, say } from '../process/output.js';
import { inList, lines, type Plain, plain } from '../process/plain-text-output.js';
import { connectClient } from '../temporal/connect.js';
import { deploymentStatus, makeCurrent } from '../temporal/deployment.js';
import { type Replayed, replayed } from '../temporal/replay.js';
import { workflowBundle } from '../temporal/workflow-bundle.js';
import { examples } from './command-help.js';

/** `replay`, `deploy status` and `deploy promote`: check that running workflows can continue on this version, then move them. */
export function deployCommands(): Command[] {
  const deploy = new Command('deploy').summary('choose which version of the workers gets the tasks');
  return [replayCommand(), deploy.addCommand(statusCommand()).addCommand(promoteCommand())];
}

const LIVE = 'ExecutionStatus="Running" AND WorkflowType IN ("onboardImporter","watchMailbox")';

const DO_NOT_DEPLOY = plain`Do not deploy this version: the workflows listed above would get stuck on it without failing. Put its new commands behind patched('what-changed') and keep the old ones in the other branch, as docs/decisions/0016-histories-and-versions.md says. Then replay again. Until then, the workers of the previous version keep handling everything.`;

interface ReplayReport {
  namespace: string;
  replayed: number;
  problems: Replayed[];
}

function replayCommand(): Command {
  return new Command('replay')
    .summary('check that running workflows can continue on this version')
    .description(
      `Replays the history of every running workflow with the code of this version, on this machine, and changes nothing.\nExits with ${EXIT.findings} when a workflow cannot continue. Do not deploy this version then.`,
    )
    .option('--namespace <NAMESPACE>', 'namespace (default: TEMPORAL_NAMESPACE)')
    .option('--query <QUERY>', 'which workflows', LIVE)
    .option('--json', 'print the result as JSON')
    .configureHelp(examples('replay', 'replay --namespace production --json'))
    .action(async (o: { namespace?: string; query: string; json?: true }) => {
      const report = await withTemporal((client) => replayLive(client, o.query), o.namespace);
      printResult(o.json, report, () => reportText(report));
      if (report.problems.length > 0) throw new CommandFailure(EXIT.findings, DO_NOT_DEPLOY);
    });
}

function statusCommand(): Command {
  return new Command('status')
    .summary('show which build is current')
    .description('Shows which build of the workers gets the tasks, and which builds there are.')
    .configureHelp(examples('deploy status'))
    .option('--json', 'print the result as JSON')
    .action(async (o: { json?: true }) => {
      const status = await withTemporal((client, config) => deploymentStatus(client, config.taskQueue));
      if (!status) throw new CommandFailure(EXIT.notFound, NO_BUILD);
      printResult(o.json, status, () =>
        lines([
          plain`Deployment  ${status.deployment}`,
          plain`Current     ${status.current ?? 'none: no worker with a BUILD_ID gets tasks'}`,
          plain`Builds      ${inList(status.builds)}`,
        ]),
      );
    });
}

const NO_BUILD = plain`No worker with a BUILD_ID has ever polled this task queue. Start one first. Workers without a BUILD_ID need no promotion.`;

function promoteCommand(): Command {
  return new Command('promote')
    .summary('make a build current, so that it gets the tasks')
    .description(
      'Replays every running workflow with the code of this version first, and promotes nothing if one could not continue. Run it from the version that you promote, while its workers are up.',
    )
    .configureHelp(examples('deploy promote 2026-11-22.1'))
    .argument('<BUILD-ID>', 'BUILD_ID of the workers')
    .option('--json', 'print the result as JSON')
    .action(async (buildId: string, o: { json?: true }) => {
      const { report, before } = await withTemporal(async (client, config) => {
        const status = await deploymentStatus(client, config.taskQueue);
        if (!status) throw new CommandFailure(EXIT.notFound, NO_BUILD);
        if (!status.builds.includes(buildId))
          throw new CommandFailure(
            EXIT.notFound,
            plain`No worker of build ${buildId} has polled this task queue. Known builds: ${inList(status.builds)}. Start its workers first.`,
          );
        const found = await replayLive(client, LIVE);
        if (found.problems.length === 0) await makeCurrent(client, config.taskQueue, buildId);
        return { report: found, before: status.current };
      });
      if (report.problems.length > 0)
        throw new CommandFailure(EXIT.findings, plain`Nothing was promoted.\n${reportText(report)}\n${DO_NOT_DEPLOY}`, {
          promoted: false,
          ...report,
        });
      printResult(o.json, { promoted: true, buildId, before: before ?? null, ...report }, () =>
        lines([reportText(report), plain`Build ${buildId} is now current${before ? `, instead of ${before}` : ''}.`]),
      );
    });
}

async function replayLive(client: Client, query: string): Promise<ReplayReport> {
  silenceSdkLogs();
  const report: ReplayReport = { namespace: client.options.namespace, replayed: 0, problems: [] };
  const pasts = client.workflow.list({ query }).intoHistories({ concurrency: 5 });
  const { dataConverter } = client.options;
  for await (const result of replayed(await workflowBundle(), pasts, dataConverter && { dataConverter })) {
    report.replayed += 1;
    if (result.problem) report.problems.push(result);
  }
  return report;
}

/** The SDK logs every replay, which would bury the report. */
function silenceSdkLogs(): void {
  try {
    const filter = makeTelemetryFilterString({ core: 'ERROR' });
    Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter, forward: {} } } });
  } catch (error) {
    // A program that calls this has already configured the runtime.
    if (!(error instanceof IllegalStateError)) throw error;
  }
}

function reportText({ namespace, replayed: count, problems }: ReplayReport): Plain {
  const good = count - problems.length;
  return lines([
    plain`${good} of ${count} running workflows in ${namespace} can continue on this version.`,
    ...problems.map(({ workflowId, problem }) => plain`  - ${workflowId}: ${problem}`),
  ]);
}

async function withTemporal<T>(
  use: (client: Client, config: ClientConfig) => Promise<T>,
  namespace?: string,
): Promise<T> {
  const config = readClientConfig();
  const { encryption } = await openArchive(config);
  const connected = await connectClient(encryption);
  const { client } = connected;
  const { dataConverter } = client.options;
  try {
    const there = namespace
      ? new Client({ connection: client.connection, namespace, ...(dataConverter ? { dataConverter } : {}) })
      : client;
    return await use(there, config);
  } catch (error) {
    if (!(error instanceof CommandFailure)) say(plain`The Temporal server refused the request:`);
    throw error;
  } finally {
    await connected.close();
  }
}
