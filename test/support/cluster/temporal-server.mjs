// The Temporal server and its Web UI as they run in production, on PostgreSQL, all on loopback.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SetupFailed } from '../../../scripts/run-script.mjs';
import { startProcess } from './background-process.mjs';
import { goProgram } from './go-program.mjs';
import { POSTGRES_USER, portOpen } from './postgres.mjs';

/** The same versions as in `docker-compose.yml`, which a test checks. */
export const TEMPORAL_SERVER_VERSION = '1.29.1';
export const TEMPORAL_UI_VERSION = '2.42.1';

const DATABASES = { temporal: 'postgresql/v12/temporal', temporal_visibility: 'postgresql/v12/visibility' };

/**
 * @typedef {{ port: number, password: string }} Database
 * @typedef {Record<'frontend' | 'matching' | 'history' | 'worker', { grpc: number, membership: number }>} ServicePorts
 *
 * @typedef {object} Security TLS, and a token with a permission is required
 * @property {string} jwksUrl public keys of the token issuer
 * @property {string} certFile of the frontend, for `localhost`
 * @property {string} keyFile
 * @property {string} caFile that issued it
 * @property {{ grpc: number, membership: number }} internalFrontend ports for the server's own calls, which have no token
 */

/** @param {string} cacheDir */
export function serverPrograms(cacheDir) {
  const folder = path.join(cacheDir, `temporal-server-${TEMPORAL_SERVER_VERSION}`);
  return {
    server: goProgram({ folder, module: `go.temporal.io/server/cmd/server@v${TEMPORAL_SERVER_VERSION}` }),
    sqlTool: goProgram({ folder, module: `go.temporal.io/server/cmd/tools/sql@v${TEMPORAL_SERVER_VERSION}` }),
  };
}

/** @param {string} cacheDir */
export function uiProgram(cacheDir) {
  const folder = path.join(cacheDir, `temporal-ui-${TEMPORAL_UI_VERSION}`);
  return goProgram({ folder, module: `github.com/temporalio/ui-server/v2/cmd/server@v${TEMPORAL_UI_VERSION}` });
}

/**
 * Creates both databases and upgrades their schema to the server's version, if that is not done yet.
 *
 * @param {string} sqlTool
 * @param {Database} database
 */
export function prepareDatabases(sqlTool, { port, password }) {
  for (const [database, schema] of Object.entries(DATABASES)) {
    const tool = (/** @type {string[]} */ ...args) => {
      const connection = ['--plugin', 'postgres12', '--ep', '127.0.0.1', '-p', String(port), '-u', POSTGRES_USER];
      execFileSync(sqlTool, [...connection, '--db', database, ...args], {
        env: { ...process.env, SQL_PASSWORD: password },
        stdio: 'pipe',
      });
    };
    try {
      tool('create-database');
      tool('setup-schema', '--version', '0.0');
      tool('update-schema', '--schema-name', schema);
    } catch (error) {
      const { message, stderr, stdout } = /** @type {Error & { stderr?: Buffer, stdout?: Buffer }} */ (error);
      throw new SetupFailed(
        `The schema of database ${database} could not be set up: ${message}\n${stdout ?? ''}${stderr ?? ''}`,
      );
    }
  }
}

/**
 * All four services in one process.
 *
 * @param {object} options
 * @param {string} options.program
 * @param {string} options.folder
 * @param {Database} options.database
 * @param {ServicePorts} options.ports
 * @param {number} [options.metricsPort]
 * @param {Security} [options.security] without it, anyone who can reach the port may do anything
 */
export async function startTemporal({ program, folder, database, ports, metricsPort, security }) {
  const config = path.join(folder, 'config');
  mkdirSync(config, { recursive: true });
  writeFileSync(path.join(config, 'dynamic.yaml'), '{}\n');
  // JSON is YAML. The file contains the database password.
  const open = configuration(config, database, ports, metricsPort);
  const text = JSON.stringify(security ? secured(open, security) : open, null, 2);
  writeFileSync(path.join(config, 'cluster.yaml'), text, { mode: 0o600 });
  const address = `127.0.0.1:${ports.frontend.grpc}`;
  const started = await startProcess({
    name: 'The Temporal server',
    command: program,
    args: [
      ...['--root', folder, '--config', 'config', '--env', 'cluster'],
      ...(security
        ? ['start', ...SERVICES_WITH_OWN_DOOR.map((name) => `--service=${name}`)]
        : ['--allow-no-auth', 'start']),
    ],
    logFile: path.join(folder, 'logs/temporal.log'),
    ready: () => takesCalls(address, security?.caFile),
  });
  return { ...started, address };
}

const SERVICES_WITH_OWN_DOOR = ['frontend', 'internal-frontend', 'history', 'matching', 'worker'];

/**
 * As described in docs/who-may-act.md.
 * @param {Pick<ReturnType<typeof configuration>, 'global' | 'services'>} open
 * @param {Security} security
 */
export function secured(open, { jwksUrl, certFile, keyFile, caFile, internalFrontend }) {
  const { grpc, membership } = internalFrontend;
  return {
    ...open,
    global: {
      ...open.global,
      tls: { frontend: { server: { certFile, keyFile }, client: { serverName: 'localhost', rootCaFiles: [caFile] } } },
      authorization: {
        jwtKeyProvider: { keySourceURIs: [jwksUrl], refreshInterval: '1m' },
        permissionsClaimName: 'permissions',
        audience: 'temporal',
        authorizer: 'default',
        claimMapper: 'default',
      },
    },
    services: {
      ...open.services,
      'internal-frontend': { rpc: { grpcPort: grpc, membershipPort: membership, bindOnLocalHost: true } },
    },
  };
}

/**
 * The port opens a few seconds before the frontend accepts calls.
 * @param {string} address
 * @param {string} [caFile]
 */
async function takesCalls(address, caFile) {
  // Only after dependencies are installed and the product is compiled.
  const { Connection } = await import('@temporalio/client');
  const { WITHOUT_PROXY } = await import('../../../dist/src/temporal/http-proxy.js');
  const tls = caFile ? { tls: { serverRootCACertificate: readFileSync(caFile), serverNameOverride: 'localhost' } } : {};
  const connection = await Connection.connect({ address, connectTimeout: '2s', ...WITHOUT_PROXY, ...tls });
  await connection.close();
}

/**
 * @param {object} options
 * @param {string} options.program
 * @param {string} options.folder
 * @param {number} options.port
 * @param {string} options.temporalAddress
 * @param {string} options.namespace shown first
 * @param {string} [options.codecEndpoint]
 */
export async function startUi({ program, folder, port, temporalAddress, namespace, codecEndpoint }) {
  const config = path.join(folder, 'config');
  const url = `http://127.0.0.1:${port}`;
  const settings = {
    host: '127.0.0.1',
    port,
    temporalGrpcAddress: temporalAddress,
    defaultNamespace: namespace,
    enableUi: true,
    notifyOnNewVersion: false,
    cors: { allowOrigins: [url, `http://localhost:${port}`] },
    ...(codecEndpoint ? { codec: { endpoint: codecEndpoint } } : {}),
  };
  writeFileSync(path.join(config, 'ui.yaml'), JSON.stringify(settings, null, 2));
  const started = await startProcess({
    name: 'The Web UI',
    command: program,
    args: ['--root', folder, '--config', 'config', '--env', 'ui', 'start'],
    logFile: path.join(folder, 'logs/ui.log'),
    ready: () => portOpen(port),
  });
  return { ...started, url };
}

/**
 * @param {string} folder
 * @param {Database} database
 * @param {ServicePorts} ports
 * @param {number | undefined} metricsPort
 */
function configuration(folder, { port, password }, ports, metricsPort) {
  const store = (/** @type {string} */ databaseName, /** @type {number} */ connections) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: `127.0.0.1:${port}`,
      connectProtocol: 'tcp',
      user: POSTGRES_USER,
      password,
      maxConns: connections,
      maxIdleConns: connections,
      maxConnLifetime: '1h',
    },
  });
  const service = (/** @type {ServicePorts['frontend']} */ { grpc, membership }) => ({
    rpc: { grpcPort: grpc, membershipPort: membership, bindOnLocalHost: true },
  });
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: 4,
      datastores: { default: store('temporal', 20), visibility: store('temporal_visibility', 10) },
    },
    global: {
      membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' },
      ...(metricsPort
        ? {
            metrics: {
              prometheus: { framework: 'tally', timerType: 'histogram', listenAddress: `127.0.0.1:${metricsPort}` },
            },
          }
        : {}),
    },
    services: {
      frontend: service(ports.frontend),
      matching: service(ports.matching),
      history: service(ports.history),
      worker: service(ports.worker),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${ports.frontend.grpc}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: path.join(folder, 'dynamic.yaml'), pollInterval: '10s' },
  };
}
