import { Client, Connection } from '@temporalio/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { missingSearchAttributes } from '../../src/temporal/register-search-attributes.js';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/contract/search-attributes.js';
import { sharedDevServer, startDevServer } from '../support/temporal-dev-server.js';
import { createTimeSkippingEnvironment } from '../support/time-skipping-server.js';

const typedSearchAttributes = [
  { key: SEARCH_ATTRIBUTES.onboardingStage, value: 'preparing' },
  { key: SEARCH_ATTRIBUTES.needsAttention, value: ['late', 'overdue'] },
  { key: SEARCH_ATTRIBUTES.dueAt, value: new Date('2026-03-03T22:00:00Z') },
];

describe('the shared development server', () => {
  test('has every search attribute and keeps closed runs for 90 days', async () => {
    const connection = await Connection.connect(sharedDevServer());
    onTestFinished(() => connection.close());
    expect(await missingSearchAttributes(connection, 'default')).toEqual([]);
    const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(90 * 86_400);
  });
});

describe('a separate development server', () => {
  test('reports where its log is if it dies', async () => {
    const deaths: string[] = [];
    const server = await startDevServer({ onDied: ({ message }) => deaths.push(message) });
    onTestFinished(() => server.stop());
    process.kill(server.pid, 'SIGKILL');
    await expect
      .poll(() => deaths)
      .toEqual([
        expect.stringMatching(/^The Temporal server ended \(SIGKILL\)\. Start again; its log is \S+server\.log$/),
      ]);
  });

  test('reports nothing if it is told to stop', async () => {
    const deaths: string[] = [];
    const onDied = ({ message }: Error) => deaths.push(message);
    const [one, other] = await Promise.all([startDevServer({ onDied }), startDevServer({ onDied })]);
    await Promise.all([one.stop(), other.kill()]);
    expect(deaths).toEqual([]);
  });
});

describe('the time-skipping server', () => {
  test('accepts onboardings with their search attributes', async () => {
    const environment = await createTimeSkippingEnvironment();
    onTestFinished(() => environment.teardown());
    const handle = await new Client({ connection: environment.connection }).workflow.start('nobodyRunsThis', {
      taskQueue: 'none',
      workflowId: 'search-attributes',
      typedSearchAttributes,
    });
    expect((await handle.describe()).status.name).toBe('RUNNING');
  });
});
