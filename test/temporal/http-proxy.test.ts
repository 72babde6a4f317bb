import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { CARRIES_NO_DATA, connectClient, connectWorker } from '../../src/temporal/connect.js';
import { type HttpProxy, startHttpProxy } from '../support/http-proxy.js';
import { sharedDevServer, startDevServer } from '../support/temporal-dev-server.js';

let proxy: HttpProxy;
beforeEach(async () => {
  proxy = await startHttpProxy();
  for (const name of ['no_proxy', 'no_grpc_proxy']) vi.stubEnv(name, '');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await proxy.close();
});

test.each(['grpc_proxy', 'https_proxy', 'http_proxy'])(
  'the connection to a Temporal server on this machine does not use the proxy in %s',
  async (variable) => {
    vi.stubEnv('TEMPORAL_ADDRESS', sharedDevServer().address);
    vi.stubEnv(variable, proxy.url);
    const { client, close } = await connectClient(CARRIES_NO_DATA);
    onTestFinished(close);
    await client.workflow.count();
    const { connection } = await connectWorker(undefined);
    onTestFinished(() => connection.close());
    await connection.workflowService.getSystemInfo({});
    expect(proxy.asked).toEqual([]);
  },
);

test('a development server is set up without the proxy', async () => {
  vi.stubEnv('http_proxy', proxy.url);
  const server = await startDevServer();
  onTestFinished(() => server.stop());
  expect(proxy.asked).toEqual([]);
});

test('a Temporal server elsewhere is reached through the proxy, and the error names the variable without its value', async () => {
  vi.stubEnv('TEMPORAL_ADDRESS', 'temporal.invalid:7233');
  vi.stubEnv('http_proxy', proxy.url.replace('//', '//jo:hunter2@'));
  const error = await connectClient(CARRIES_NO_DATA).then(
    () => undefined,
    (refused: Error) => refused.message,
  );
  expect(proxy.asked).toContain('CONNECT temporal.invalid:7233');
  expect(error).toMatch(
    /^Temporal does not answer at temporal\.invalid:7233 .*TEMPORAL_ADDRESS \(npm start runs its own server\)\. http_proxy is set, so the connection goes through that proxy unless no_proxy lists the host\.$/,
  );
  expect(error).not.toContain('hunter2');
});
