import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporal } from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTimeSkippingEnvironment } from '../support/time-skipping-server.js';
import { PATHS } from '../temporal/onboarding/paths.js';
import { RehearsedOnboarding } from '../temporal/onboarding/rehearsed-onboarding.js';
import { sampleApplication } from '../temporal/onboarding/sample-application.js';
import { watchedMailbox } from '../temporal/onboarding/watched-mailbox.js';
import { fileOf, isReleased, VERSION } from './recorded.js';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  expect(isReleased(VERSION), `${VERSION} is released: its histories stay as they are. Raise the version first.`).toBe(
    false,
  );
  environment = await createTimeSkippingEnvironment();
});
afterAll(() => environment?.teardown());

test.each(Object.entries(PATHS))('%s', async (name, { application, parts, reopened, go }) => {
  const history = await RehearsedOnboarding.run(
    environment,
    sampleApplication({ reference: name, ...application }),
    async (onboarding) => {
      await go(onboarding);
      await onboarding.handle.result();
      return await onboarding.handle.fetchHistory();
    },
    parts?.(environment),
    reopened ? { reopened } : {},
  );
  write(name, history);
});

test('the watcher of a mailbox', async () => {
  write('watched-mailbox', await watchedMailbox(environment));
});

function write(name: string, history: temporal.api.history.v1.IHistory): void {
  const file = fileOf(VERSION, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(temporal.api.history.v1.History.fromObject(history).toJSON())}\n`);
}
