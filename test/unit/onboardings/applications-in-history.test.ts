import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { expect, test } from 'vitest';
import type { Application } from '../../../src/application/application.js';
import { applicationsInHistory } from '../../../src/onboardings/applications-in-history.js';
import { sampleApplication } from '../application/sample.js';

const payloads = (...values: unknown[]) => ({
  payloads: values.map((value) => defaultPayloadConverter.toPayload(value)),
});
const accepted = (name: string, message: object) => ({
  workflowExecutionUpdateAcceptedEventAttributes: { acceptedRequest: { input: { name, args: payloads(message) } } },
});

async function presentAfter(started: Application, ...events: object[]): Promise<Application> {
  const history = {
    events: [{ workflowExecutionStartedEventAttributes: { input: payloads(started, 1) } }, ...events],
  };
  const client = {
    options: { loadedDataConverter: { payloadConverter: defaultPayloadConverter, payloadCodecs: [] } },
    workflow: { getHandle: () => ({ fetchHistory: async () => history }) },
  };
  return (await applicationsInHistory(client as unknown as Client, 'onboarding-acme')).present;
}

const started: Application = { ...sampleApplication(), handler: 'jo' };
const corrected: Application = { ...started, refundDeadline: '2027-03-31' };
const toKim = accepted('handOver', { actor: 'jo', handler: 'kim', reason: 'leave' });
const correction = accepted('correctApplication', { actor: 'jo', reason: 'x', application: corrected });

test.each([
  ['nothing else', [], started],
  ['a correction', [correction], corrected],
  ['a hand-over', [toKim], { ...started, handler: 'kim' }],
  ['a correction, then a hand-over', [correction, toKim], { ...corrected, handler: 'kim' }],
  // The correction has the whole application, including who has the case.
  ['a hand-over, then a correction that names another handler', [toKim, correction], corrected],
])('the present application, after %s, is what the next correction starts from', async (_, events, present) => {
  expect(await presentAfter(started, ...events)).toEqual(present);
});
