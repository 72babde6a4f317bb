import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { freePort, portProblem } from '../../src/process/free-port.js';
import { WITHOUT_PROXY } from '../../src/temporal/http-proxy.js';
import { registerSearchAttributes, searchAttributeArguments } from '../../src/temporal/register-search-attributes.js';

export interface DevServerOptions {
  /** The `temporal` executable, from `findTemporalCli` or `getTemporalCli`. */
  executable: string;
  /** Where the server's output goes. Read back when it does not start. */
  logFile: string;
  /** SQLite file that keeps its data. Without it, everything is lost when the server stops. */
  db?: string;
  /** Starts the Web UI as well (default false). */
  ui?: boolean;
  /** Default: a free one. Set it to restart where a killed server was. */
  port?: number;
  uiPort?: number;
  /** How long closed onboardings stay visible (default 90). */
  retentionDays?: number;
  /** Where the Web UI finds the codec server. */
  codecEndpoint?: string;
  /** Server settings by name, as for `temporal server start-dev --dynamic-config-value`. */
  dynamicConfig?: Record<string, string>;
  /** How long to wait until it answers, in milliseconds (default 60,000). */
  patience?: number;
  /** Called when it ended without being stopped. */
  onDied?: (error: DevServerFailed) => void;
}

export interface DevServer {
  /** `127.0.0.1:port`. */
  address: string;
  port: number;
  uiUrl?: string;
  uiPort?: number;
  pid: number;
  /** Stops it in order. Resolves when the process is gone. */
  stop(): Promise<void>;
  /** SIGKILL, like a crash: what is not on disk is lost. */
  kill(): Promise<void>;
}

/** The dev server did not start, or ended. The message is one line with its last error and the path of its log. */
export class DevServerFailed extends Error {
  override readonly name = 'DevServerFailed';
}

/**
 * Starts the Temporal dev server on loopback, registers the search attributes, and resolves once the namespace `default`
 * is ready. It has its own process group, so that an interrupt at the terminal can stop the worker first. It is stopped
 * when this process exits, unless this process is killed.
 *
 * @throws DevServerFailed
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  await refuseTakenPorts([options.port, options.ui ? options.uiPort : undefined]);
  const port = options.port ?? (await freePort());
  const uiPort = options.ui ? (options.uiPort ?? (await freePort())) : undefined;
  const address = `127.0.0.1:${port}`;
  const log = { file: options.logFile, begins: statSync(options.logFile, { throwIfNoEntry: false })?.size ?? 0 };
  const child = launch(options, commandLine(options, port, uiPort));
  const pid = child.pid;
  if (pid === undefined) {
    const [error] = await once(child, 'error');
    throw new DevServerFailed(
      `${options.executable} can't be run: ${(error as Error).message}. Remove it, and run \`npm run setup\` to install it again.`,
    );
  }
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  void gone.then(() => process.removeListener('exit', killWithUs));
  let expected = false;
  const end = async (signal: NodeJS.Signals) => {
    expected = true;
    child.kill(signal);
    await Promise.race([gone, delay(10_000, undefined, { ref: false }).then(() => child.kill('SIGKILL'))]);
    await gone;
  };

  try {
    await prepareNamespace(address, child, log, options);
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
  void gone.then(() => {
    if (!expected) options.onDied?.(ended(child, log));
  });
  return {
    address,
    port,
    pid,
    ...(uiPort === undefined ? {} : { uiPort, uiUrl: `http://127.0.0.1:${uiPort}` }),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

/** Otherwise another Temporal server on the port would answer instead. */
async function refuseTakenPorts(wanted: (number | undefined)[]): Promise<void> {
  const ports = wanted.filter((port) => port !== undefined);
  const twice = ports.find((port, index) => ports.indexOf(port) !== index);
  if (twice !== undefined)
    throw new DevServerFailed(
      `Port ${twice} is set for both the Temporal server and its Web UI. Choose two different ports.`,
    );
  for (const port of ports) {
    const problem = await portProblem(port);
    if (problem) throw new DevServerFailed(`${problem} Choose another port, or leave it out to get a free one.`);
  }
}

function commandLine(options: DevServerOptions, port: number, uiPort: number | undefined): string[] {
  return [
    ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'warn'],
    uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)],
    uiPort !== undefined && options.codecEndpoint ? ['--ui-codec-endpoint', options.codecEndpoint] : [],
    // With WAL, acknowledged data survives a kill, at twice the speed of the default.
    options.db
      ? ['--db-filename', options.db, '--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal']
      : [],
    Object.entries(options.dynamicConfig ?? {}).flatMap(([name, value]) => [
      '--dynamic-config-value',
      `${name}=${JSON.stringify(value)}`,
    ]),
    searchAttributeArguments().flatMap((argument) => ['--search-attribute', argument]),
  ].flat();
}

function launch(options: DevServerOptions, args: string[]): ChildProcess {
  mkdirSync(path.dirname(options.logFile), { recursive: true });
  if (options.db) mkdirSync(path.dirname(options.db), { recursive: true });
  const log = openSync(options.logFile, 'a');
  try {
    return spawn(options.executable, args, { stdio: ['ignore', log, log], detached: true });
  } finally {
    closeSync(log);
  }
}

async function prepareNamespace(
  address: string,
  child: ChildProcess,
  log: Log,
  options: DevServerOptions,
): Promise<void> {
  const deadline = Date.now() + (options.patience ?? 60_000);
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: '2s', ...WITHOUT_PROXY });
      try {
        await registerSearchAttributes(connection, 'default');
        await keepClosedRuns(connection, options.retentionDays ?? 90);
        return;
      } finally {
        await connection.close();
      }
    } catch (error) {
      if (exitOf(child) === null && Date.now() < deadline) {
        await delay(100);
        continue;
      }
      if (exitOf(child) !== null) throw ended(child, log);
      throw new DevServerFailed(
        `The Temporal server did not answer on ${address}: ${(error as Error).message}. Start again; its log is ${log.file}`,
      );
    }
  }
}

const exitOf = (child: ChildProcess) => child.signalCode ?? child.exitCode;

/** A server's log file, and where its output begins: an earlier server's output may come before it. */
interface Log {
  file: string;
  /** Bytes. */
  begins: number;
}

function ended(child: ChildProcess, log: Log): DevServerFailed {
  // A signal leaves no time for a last error.
  const words = child.signalCode === null ? lastWords(log) : undefined;
  return new DevServerFailed(
    `The Temporal server ended (${exitOf(child)})${words ? `: ${words}` : ''}. Start again; its log is ${log.file}`,
  );
}

/** The last error in the log, as one line: `time=… level=ERROR msg="…"`, or `{…,"level":"FATAL",…,"message":"…"}`. */
function lastWords({ file, begins }: Log): string | undefined {
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file).subarray(begins).toString().split('\n');
  const last = lines.findLast((line) => /level"?[=:]"?(ERROR|FATAL)/.test(line));
  const quoted = last && /(?:msg=|"message":)"((?:[^"\\]|\\.)*)"/.exec(last)?.[1];
  return quoted
    ?.replace(/\\[nt]/g, ' ')
    .replace(/\\(.)/g, '$1')
    .replace(/\s+/g, ' ');
}

async function keepClosedRuns(connection: Connection, days: number): Promise<void> {
  await connection.workflowService.updateNamespace({
    namespace: 'default',
    config: { workflowExecutionRetentionTtl: msToTs(days * 86_400_000) },
  });
}
