import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CARRIES_NO_DATA, connectClient } from '../../src/temporal/connect.js';
import { startCluster } from '../support/cluster/cluster.mjs';
import { clusterIsPossible } from '../support/cluster-possible.js';
import { isOnLoopback, listeningOn, processesNaming } from '../support/listening.js';
import { goOn, waitForWord } from '../support/waiting-workflow.js';

/** The roles of docs/who-may-act.md, as permissions in the tokens of a single sign-on. */
const PERMISSIONS = {
  reader: ['default:read'],
  operator: ['default:write'],
  worker: ['default:write'],
  manager: ['temporal-system:admin'],
  nobody: [],
  'of another namespace': ['payroll:admin'],
};
type Role = keyof typeof PERMISSIONS;

const PERMISSION_DENIED = 7;

describe.skipIf(!clusterIsPossible())('a separate Temporal server with an authorizer', () => {
  let folder: string;
  let signOn: Server;
  let privateKey: CryptoKey;
  let cluster: Awaited<ReturnType<typeof startCluster>>;
  let tls: { serverRootCACertificate: Buffer; serverNameOverride: string };
  const connections: Connection[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ace-who-'));
    await chmod(folder, 0o755); // PostgreSQL runs as another user when this is root.
    const jwksUrl = await startSignOn();
    const certificate = certified();
    tls = { serverRootCACertificate: readFileSync(certificate.caFile), serverNameOverride: 'localhost' };
    cluster = await startCluster({
      folder,
      ui: false,
      security: { jwksUrl, ...certificate, managerToken: await tokenOf('manager') },
    });
  }, 900_000); // The first time the servers are built.
  afterAll(async () => {
    for (const connection of connections) await connection.close();
    await cluster?.stop();
    signOn?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  }, 60_000);

  async function startSignOn(): Promise<string> {
    const pair = await generateKeyPair('RS256');
    privateKey = pair.privateKey;
    const keys = [{ ...(await exportJWK(pair.publicKey)), kid: 'now', alg: 'RS256', use: 'sig' }];
    signOn = createServer((_, response) => response.end(JSON.stringify({ keys })));
    await new Promise<void>((resolve) => signOn.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(signOn.address() as AddressInfo).port}/keys`;
  }

  /** A certificate of the frontend's, and the authority that gave it. */
  function certified() {
    const file = (name: string) => path.join(folder, name);
    const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    openssl(...request, '-subj', '/CN=Our authority', '-out', file('ca.pem'), '-keyout', file('ca.key'));
    openssl(
      ...[...request, '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost', '-addext', 'basicConstraints=critical,CA:FALSE'],
      ...['-out', file('frontend.pem'), '-keyout', file('frontend.key')],
    );
    return { certFile: file('frontend.pem'), keyFile: file('frontend.key'), caFile: file('ca.pem') };
  }

  function tokenOf(role: Role, { audience = 'temporal', key = privateKey } = {}): Promise<string> {
    return new SignJWT({ permissions: PERMISSIONS[role] })
      .setProtectedHeader({ alg: 'RS256', kid: 'now' })
      .setSubject(`somebody who is ${role}`)
      .setAudience(audience)
      .setExpirationTime('1h')
      .sign(key);
  }

  async function clientWith(apiKey: string | undefined): Promise<Client> {
    const connection = await Connection.connect({ address: cluster.address, tls, ...(apiKey ? { apiKey } : {}) });
    connections.push(connection);
    return new Client({ connection });
  }
  const as = async (role: Role) => clientWith(await tokenOf(role));

  const ways = {
    read: (client: Client) => client.workflow.count(),
    start: (client: Client, workflowId: string) =>
      client.workflow.start(waitForWord, { taskQueue: 'who', workflowId: `started-${workflowId}` }),
    signal: (client: Client) => client.workflow.getHandle('case').signal(goOn, 'approved'),
    terminate: (client: Client, workflowId: string) => client.workflow.getHandle(`started-${workflowId}`).terminate(),
    administer: (client: Client) =>
      client.workflowService.updateNamespace({ namespace: 'default', updateInfo: { description: 'changed' } }),
  };
  type Way = keyof typeof ways;

  async function may(client: Client | Promise<Client>, way: Way, workflowId = 'x'): Promise<boolean> {
    try {
      await ways[way](await client, workflowId);
      return true;
    } catch (error) {
      const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
      if (isGrpcServiceError(cause) && cause.code === PERMISSION_DENIED) return false;
      throw error;
    }
  }

  test('lets each role do its job and nothing more', async () => {
    await (await as('operator')).workflow.start(waitForWord, { taskQueue: 'who', workflowId: 'case' });
    const allowed: Record<string, Way[]> = {};
    for (const role of ['reader', 'operator', 'manager', 'nobody', 'of another namespace'] as const) {
      const client = await as(role);
      allowed[role] = [];
      for (const way of Object.keys(ways) as Way[]) if (await may(client, way, role)) allowed[role].push(way);
    }
    expect(allowed).toEqual({
      reader: ['read'],
      operator: ['read', 'start', 'signal', 'terminate'],
      manager: ['read', 'start', 'signal', 'terminate', 'administer'],
      nobody: [],
      'of another namespace': [],
    });
  });

  test.skipIf(process.platform !== 'linux')('opens no port to the network, the database included', () => {
    const addresses = processesNaming(folder).flatMap((pid) => listeningOn(pid) ?? []);
    expect(addresses).toContain(cluster.address);
    expect(addresses).toContain(`127.0.0.1:${cluster.postgresPort}`);
    expect(addresses.filter((address) => !isOnLoopback(address))).toEqual([]);
  });

  test('serves no one without a token, with a token for something else, or with one that someone else signed', async () => {
    const forged = (await generateKeyPair('RS256')).privateKey;
    for (const token of [
      undefined,
      await tokenOf('manager', { audience: 'codec' }),
      await tokenOf('manager', { key: forged }),
    ]) {
      expect(await may(clientWith(token), 'read')).toBe(false);
    }
  });

  test('lets a worker with its own token work', async () => {
    const connection = await NativeConnection.connect({
      address: cluster.address,
      tls,
      apiKey: await tokenOf('worker'),
    });
    try {
      const worker = await Worker.create({
        connection,
        taskQueue: 'who',
        workflowsPath: fileURLToPath(new URL('../support/waiting-workflow.ts', import.meta.url)),
      });
      const client = await as('operator');
      expect(await worker.runUntil(client.workflow.getHandle('case').result())).toBe('approved');
    } finally {
      await connection.close();
    }
  });

  test('can be used by the command line and the workers with only variables', async () => {
    vi.stubEnv('TEMPORAL_ADDRESS', cluster.address);
    vi.stubEnv('TEMPORAL_API_KEY', await tokenOf('reader'));
    vi.stubEnv('TEMPORAL_TLS_SERVER_CA_CERT_PATH', path.join(folder, 'ca.pem'));
    vi.stubEnv('TEMPORAL_TLS_SERVER_NAME', 'localhost');
    const { client, close } = await connectClient(CARRIES_NO_DATA);
    try {
      expect((await client.workflow.getHandle('case').describe()).type).toBe('waitForWord');
    } finally {
      await close();
      vi.unstubAllEnvs();
    }
  });
});
