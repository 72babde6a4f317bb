// The topology of docker-compose.yml on one machine without containers, as processes that a test can kill: PostgreSQL, the
// Temporal server, its Web UI and, with an environment file, workers and the codec server.
//
//   node test/support/cluster/cluster.mjs [--env-file .env] [--workers 2] [--folder DIR] [--port 7233] [--ui-port 8233]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, parseEnv } from 'node:util';
import { CHECKOUT, runScript, SetupFailed, say } from '../../../scripts/run-script.mjs';
import { CACHE_DIR, installAndBuild } from '../../../scripts/setup.mjs';
import { clusterPort } from './cluster-port.mjs';
import { startPostgres } from './postgres.mjs';
import { codecEndpoint, startCodecServer, startWorker } from './product.mjs';
import { prepareDatabases, serverPrograms, startTemporal, startUi, uiProgram } from './temporal-server.mjs';

/** Under root, PostgreSQL runs as another user, who cannot access every folder. */
const DEFAULT_FOLDER =
  process.getuid?.() === 0 ? '/var/lib/ace-onboarding/cluster' : path.join(CHECKOUT, '.ace-onboarding/cluster');

const dist = (/** @type {string} */ file) => path.join(CHECKOUT, 'dist/src', file);

/**
 * Starts the cluster. If the folder was used before, its data is used again.
 *
 * @param {object} options
 * @param {string} options.folder for everything the cluster writes; under root, one that other users can access
 * @param {boolean} [options.ui] default true
 * @param {number} [options.port] of the Temporal frontend; default a free one
 * @param {number} [options.uiPort]
 * @param {string} [options.namespace] created if missing
 * @param {string} [options.codecEndpoint] of the codec server, for the Web UI
 * @param {Omit<import('./temporal-server.mjs').Security, 'internalFrontend'> & { managerToken: string }} [options.security]
 * TLS and tokens. The manager's token prepares the namespace. Without it, anyone who can reach the port may do anything
 */
export async function startCluster({
  folder,
  ui: wantsUi = true,
  port,
  uiPort,
  namespace = 'default',
  codecEndpoint,
  security,
}) {
  const service = async () => ({ grpc: await clusterPort(), membership: await clusterPort() });
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const programs = serverPrograms(CACHE_DIR);
  const ports = {
    frontend: { grpc: port ?? (await clusterPort()), membership: await clusterPort() },
    matching: await service(),
    history: await service(),
    worker: await service(),
  };
  const postgresPort = await clusterPort();
  const launchPostgres = () => startPostgres({ folder, port: postgresPort });
  /** @type {{ stop(): Promise<void> }[]} in the order in which they started */
  const running = [];
  try {
    let postgres = await launchPostgres();
    running.push({ stop: () => postgres.stop() });
    prepareDatabases(programs.sqlTool, postgres);
    const secured = security ? { security: { ...security, internalFrontend: await service() } } : {};
    const launchTemporal = () =>
      startTemporal({ program: programs.server, folder, database: postgres, ports, ...secured });
    let temporal = await launchTemporal();
    running.push({ stop: () => temporal.stop() });
    await Promise.race([
      prepareNamespace(temporal.address, namespace, security && asManager(security)),
      temporal.gone.then(() => Promise.reject(endedEarly(folder))),
    ]);
    const ui = wantsUi
      ? await startUi({
          program: uiProgram(CACHE_DIR),
          folder,
          port: uiPort ?? (await clusterPort()),
          temporalAddress: temporal.address,
          namespace,
          ...(codecEndpoint ? { codecEndpoint } : {}),
        })
      : undefined;
    if (ui) running.push(ui);
    return {
      address: temporal.address,
      uiUrl: ui?.url,
      postgresPort,
      /** Each restarts on the ports it had. */
      postgres: {
        stop: () => postgres.stop(),
        kill: () => postgres.kill(),
        start: async () => {
          postgres = await launchPostgres();
        },
      },
      temporal: {
        stop: () => temporal.stop(),
        kill: () => temporal.kill(),
        start: async () => {
          temporal = await launchTemporal();
        },
      },
      stop: () => stopAll(running),
    };
  } catch (error) {
    await stopAll(running);
    throw error;
  }
}

/** @param {{ managerToken: string, caFile: string }} security */
const asManager = ({ managerToken, caFile }) => ({
  TEMPORAL_API_KEY: managerToken,
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: caFile,
  TEMPORAL_TLS_SERVER_NAME: 'localhost',
});

/**
 * @param {string} address
 * @param {string} namespace
 * @param {Record<string, string>} [credentials]
 */
async function prepareNamespace(address, namespace, credentials) {
  const child = spawn(process.execPath, [dist('temporal/prepare-namespace.js')], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, ...credentials },
  });
  const [code] = await once(child, 'exit');
  if (code !== 0)
    throw new SetupFailed(
      `The Temporal server at ${address} is running, but its namespace could not be prepared (see above).`,
    );
}

/** @param {string} folder */
const endedEarly = (folder) =>
  new SetupFailed(`The Temporal server stopped. See ${path.join(folder, 'logs/temporal.log')}.`);

/** @param {{ stop(): Promise<void> }[]} running */
async function stopAll(running) {
  for (const server of [...running].reverse()) await server.stop();
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runScript(async () => {
    const { values } = parseArgs({
      options: {
        'env-file': { type: 'string' },
        workers: { type: 'string' },
        folder: { type: 'string', default: DEFAULT_FOLDER },
        port: { type: 'string', default: '7233' },
        'ui-port': { type: 'string', default: '8233' },
        'codec-endpoint': { type: 'string' },
      },
    });
    const envFile = values['env-file'];
    const environment = envFile === undefined ? undefined : environmentIn(envFile);
    // From here on, an interrupt waits for running starts, then stops everything in order. A second one kills it.
    const interrupted = new Promise((resolve) => {
      let asked = false;
      for (const signal of ['SIGINT', 'SIGTERM'])
        process.on(signal, () => {
          if (asked) process.exit(130);
          asked = true;
          resolve(undefined);
        });
    });
    installAndBuild();
    if (environment) await checkConfiguration(environment, envFile);
    const folder = path.resolve(values.folder);
    const hasKeys = ['', '_FILE', '_COMMAND'].some((where) => environment?.[`ENCRYPTION_KEYS${where}`]);
    const ownCodec = environment && hasKeys && !values['codec-endpoint'];
    const endpoint = ownCodec ? codecEndpoint(environment) : values['codec-endpoint'];
    const cluster = await startCluster({
      folder,
      port: Number(values.port),
      uiPort: Number(values['ui-port']),
      ...(environment?.TEMPORAL_NAMESPACE ? { namespace: environment.TEMPORAL_NAMESPACE } : {}),
      ...(endpoint ? { codecEndpoint: endpoint } : {}),
    });
    /** @type {{ stop(): Promise<void> }[]} */
    const ours = [];
    try {
      say(`Temporal ${cluster.address} on PostgreSQL 127.0.0.1:${cluster.postgresPort}; Web UI ${cluster.uiUrl}`);
      if (environment) {
        const product = {
          checkout: CHECKOUT,
          folder,
          env: { UI_URL: cluster.uiUrl, ...environment, TEMPORAL_ADDRESS: cluster.address },
        };
        if (ownCodec) {
          const server = await startCodecServer({ ...product, uiUrl: cluster.uiUrl ?? '' });
          ours.push(server);
          say(`Codec server ${server.url}, for browsers on this machine: the Web UI shows decrypted data.`);
        }
        for (let number = 1; number <= Number(values.workers ?? 2); number++) {
          const worker = await startWorker({ ...product, number });
          ours.push(worker);
          say(`Worker ${number} is running, process ${worker.pid}; health and metrics: ${worker.url}`);
        }
      }
      say(`Data and logs: ${folder}. Press Ctrl+C to stop. To continue later, start again with that folder.`);
      await interrupted;
      say('Stopping …');
    } finally {
      await Promise.all(ours.map((process) => process.stop()));
      await cluster.stop();
    }
    return 0;
  });

/**
 * Refuses a configuration that a worker would refuse, before servers are built for minutes.
 * @param {NodeJS.ProcessEnv} env
 * @param {string | undefined} file that it came from
 */
async function checkConfiguration(env, file) {
  const { readConfig } = await import('../../../dist/src/config/read-config.js'); // Only after it is compiled.
  const { environmentCameFrom } = await import('../../../dist/src/config/exposed-files.js');
  environmentCameFrom(file);
  try {
    readConfig(env);
  } catch (error) {
    throw new SetupFailed(/** @type {Error} */ (error).message);
  }
}

/**
 * The variables in a file. Variables in the environment take precedence, as with `ace-onboarding`.
 * @param {string} file
 */
function environmentIn(file) {
  try {
    return { ...parseEnv(readFileSync(file, 'utf8')), ...process.env };
  } catch (error) {
    throw new SetupFailed(
      `The environment file cannot be read: ${/** @type {Error} */ (error).message}. To create one: install -m 600 .env.example .env`,
    );
  }
}
