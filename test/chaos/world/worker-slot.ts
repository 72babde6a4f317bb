import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface WorkerSlotOptions {
  /** The folder with `dist/src/worker.js`. */
  checkout: string;
  env: NodeJS.ProcessEnv;
  logFile: string;
}

/** The real worker program under a supervisor that starts it again whenever it ends, as on a machine of a broker. */
export class WorkerSlot {
  /** How often it ended although no one here killed or stopped it: a worker may do that when a server is away. */
  ownEnds = 0;
  private child: ChildProcess | undefined;
  private over = false;
  private expected = false;

  constructor(private readonly options: WorkerSlotOptions) {
    process.once('exit', this.killWithUs);
    this.launch();
  }

  get running(): boolean {
    return this.child !== undefined;
  }

  /** SIGKILL. It starts again by itself. */
  kill(): boolean {
    this.expected = true;
    return this.child?.kill('SIGKILL') ?? false;
  }

  /** SIGTERM, and SIGKILL if it takes too long. It starts again by itself. */
  async restart(patienceMs: number): Promise<void> {
    const { child } = this;
    if (!child) return;
    this.expected = true;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await Promise.race([gone, delay(patienceMs).then(() => child.kill('SIGKILL'))]);
    await gone;
  }

  /** SIGSTOP: it keeps its connections and says nothing. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** Stops it for good. */
  async stop(): Promise<void> {
    this.over = true;
    this.thaw();
    await this.restart(STOP_PATIENCE_MS);
    process.removeListener('exit', this.killWithUs);
  }

  private readonly killWithUs = () => void this.child?.kill('SIGKILL');

  private launch(): void {
    if (this.over) return;
    const { checkout, env, logFile } = this.options;
    const log = openSync(logFile, 'a');
    const child = spawn(process.execPath, [path.join(checkout, 'dist/src/worker.js')], {
      cwd: checkout,
      env,
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.child = child;
    this.expected = false;
    child.once('exit', () => {
      this.child = undefined;
      if (!this.expected) this.ownEnds += 1;
      void delay(RESTART_MS).then(() => this.launch());
    });
  }
}

const RESTART_MS = 300;
const STOP_PATIENCE_MS = 20_000;
