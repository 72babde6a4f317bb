import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { fillForm } from '../../src/form/fill/fill-form.js';
import { openForm } from '../../src/form/map/edition.js';
import {
  createFormFiller,
  FOREIGN_FILE_LIMITS,
  type FormFiller,
  FormProcesses,
} from '../../src/form/tasks/form-process.js';
import { longestHoldUp } from '../support/held-up.js';
import { sampleApplication } from '../unit/form/sample-application.js';

let filler: FormFiller | undefined;
afterEach(async () => {
  await filler?.close();
  filler = undefined;
});

const opened = () => openForm('forms/replica.pdf', 'forms/replica.map.json');

describe('filling in a separate process', () => {
  it('gives the same bytes as filling in this process, one by one and all at once', async () => {
    const form = await opened();
    filler = createFormFiller(form);
    const forms = await Promise.all(
      ['A Inc.', 'B Inc.', 'A Inc.'].map((name) =>
        filler?.fill(sampleApplication((a) => (a.company.legalName = name))),
      ),
    );
    const [a, b, again] = forms.map((form) => (form?.kind === 'filled' ? form.sha256 : JSON.stringify(form)));
    expect(a).toBe(again);
    expect(a).not.toBe(b);
    const here = await fillForm({
      ...form,
      application: sampleApplication((application) => (application.company.legalName = 'A Inc.')),
    });
    expect(here).toMatchObject({ sha256: a });
  });

  it('returns refusals, and throws the original errors', async () => {
    const form = await opened();
    filler = createFormFiller(form);
    expect(await filler.fill(sampleApplication((a) => (a.company.legalName = '株式会社')))).toMatchObject({
      kind: 'refused',
      complaints: [{ field: 'company.legalName' }, { field: 'company.legalName' }],
    });
    const other = createFormFiller({ ...form, template: Uint8Array.from([...form.template, 10]) });
    await expect(other.fill(sampleApplication())).rejects.toMatchObject({
      name: 'UnknownEditionError',
      code: 'unknown-edition',
    });
    await other.close();
  });

  // Our own code would block it every time. A stalling machine does so now and then.
  it('never blocks the event loop of the caller for 50 ms, the start of the process included', {
    retry: 2,
  }, async () => {
    const form = await opened();
    const filling = createFormFiller(form);
    filler = filling;
    const longest = await longestHoldUp(async () => {
      for (let i = 0; i < 5; i++)
        expect(
          await filling.fill(sampleApplication((a) => (a.company.legalName = `Importations ${i} Inc.`))),
        ).toMatchObject({ kind: 'filled' });
    });
    expect(longest).toBeLessThan(50);
  });

  it('does not count the time of the task before', async () => {
    const processes = new FormProcesses(FOREIGN_FILE_LIMITS);
    const template = Buffer.from('no PDF at all');
    const reasons = new Set<string>();
    for (let task = 0; task < 5_000; task++)
      await processes.run('inspectForm', { template }).catch(({ code }) => reasons.add(code));
    await processes.close();
    expect([...reasons]).toEqual(['not-a-pdf']);
  });

  it('does not count the memory that earlier tasks left behind', async () => {
    const { template } = await opened();
    const processes = new FormProcesses({ megabytes: 200, milliseconds: 60_000 });
    const worked = new Set<number>();
    for (let task = 0; task < 6; task++) {
      expect(await processes.run('inspectForm', { template })).toMatchObject({ kind: 'acroform' });
      for (const pid of processes.pids) worked.add(pid);
    }
    await processes.close();
    expect(worked.size).toBeGreaterThan(1);
  });

  it('finishes its task when a service manager signals the whole group', async () => {
    const { template } = await opened();
    const processes = new FormProcesses({ megabytes: 512, milliseconds: 60_000 });
    onTestFinished(() => processes.close());
    await processes.run('inspectForm', { template });
    const inspected = processes.run('inspectForm', { template });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      for (const pid of processes.pids) process.kill(pid, signal);
    expect(await inspected).toMatchObject({ kind: 'acroform' });
  });

  it('blames no file when it is closed in the middle of a task', async () => {
    const { template } = await opened();
    const processes = new FormProcesses();
    await processes.run('inspectForm', { template });
    const outcomes = Promise.allSettled([1, 2].map(() => processes.run('inspectForm', { template })));
    await processes.close();
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/was closed/) } });
    await expect(processes.run('inspectForm', { template })).rejects.toThrow(/was closed/);
    expect(processes.pids).toEqual([]);
  });

  it('is stopped when it takes too long, and the next task works', async () => {
    const form = await opened();
    filler = createFormFiller({ ...form, pages: 0, milliseconds: 5 });
    await expect(filler.fill(sampleApplication())).rejects.toMatchObject({ code: 'pdf-too-heavy' });
    await filler.close();
    filler = createFormFiller(form);
    expect(await filler.fill(sampleApplication())).toMatchObject({ kind: 'filled' });
  });
});
