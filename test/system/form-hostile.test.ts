import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeReplica } from '../../forms/replica-variants.js';
import { FOREIGN_FILE_LIMITS, FormProcesses } from '../../src/form/tasks/form-process.js';
import { ownWait, processorSecondsOf, residentMegabytes, waitOf } from '../support/held-up.js';
import { hostileFiles, inflatingTo } from '../support/hostile-pdfs.js';

/** Hostile and broken files: each is refused, in a process that is killed if necessary. */

let processes: FormProcesses;
let replica: Uint8Array;
beforeAll(async () => {
  processes = new FormProcesses(FOREIGN_FILE_LIMITS);
  replica = (await makeReplica()).pdf;
  await processes.run('inspectForm', { template: replica });
});
afterAll(() => processes.close());

interface Watched<T> {
  result: PromiseSettledResult<T>;
  /** Largest memory of the process during the work; 0 when the system does not tell. */
  megabytes: number;
  /** How long it took, without the time that it or this process waited for a processor. */
  seconds: number;
  /** Processor time of the process. */
  processorSeconds: number;
}

async function watched<T>(begin: () => Promise<T>): Promise<Watched<T>> {
  let [megabytes, used, waited] = [0, 0, 0];
  const look = () => {
    for (const pid of processes.pids) {
      megabytes = Math.max(megabytes, residentMegabytes(pid));
      used = Math.max(used, processorSecondsOf(pid));
      waited = Math.max(waited, waitOf(pid));
    }
  };
  const timer = setInterval(look, 5);
  look();
  const before = { at: performance.now(), used, waited, ownWait: ownWait() };
  const [result] = await Promise.allSettled([begin()]);
  look();
  clearInterval(timer);
  const busy = waited - before.waited + ownWait() - before.ownWait;
  return {
    result,
    megabytes,
    seconds: (performance.now() - before.at - busy) / 1000,
    processorSeconds: used - before.used,
  };
}

describe('a hostile PDF is refused within its limits:', () => {
  it.each(hostileFiles())('$name', async ({ make }) => {
    const template = make(replica);
    // Some of them can be looked at, as a file without boxes.
    const { result, megabytes, seconds, processorSeconds } = await watched(async () => {
      await processes.run('inspectForm', { template });
      return processes.run('fillValues', { template, values: {} });
    });
    expect(result).toMatchObject({
      status: 'rejected',
      reason: { name: 'PdfRefusedError', message: expect.stringMatching(/\w/) },
    });
    expect(megabytes).toBeLessThan(512);
    expect(seconds).toBeLessThan(5);
    expect(processorSeconds).toBeLessThan(5);
    expect(await processes.run('inspectForm', { template: replica })).toMatchObject({ kind: 'acroform' });
  });

  it('a bomb in the picture of a page', async () => {
    const template = bombInPage(replica);
    const { result, megabytes, seconds } = await watched(() => processes.run('previewForm', { pdf: template }));
    expect(megabytes).toBeLessThan(512);
    expect(seconds).toBeLessThan(5);
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ name: 'PdfRefusedError' });
  });
});

describe('a damaged PDF', () => {
  it('that was cut off is refused, or read if the form is complete', async () => {
    for (const share of [0.01, 0.2, 0.5, 0.8, 0.95, 0.999]) {
      const template = replica.slice(0, Math.floor(replica.length * share));
      const [result] = await Promise.allSettled([processes.run('inspectForm', { template })]);
      if (result?.status === 'rejected') expect(result.reason).toMatchObject({ name: 'PdfRefusedError' });
    }
  });

  it('with changed bytes is refused, filled exactly, or thrown away after the read-back', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const template = Uint8Array.from(replica);
      let state = seed * 2_654_435_761;
      for (let i = 0; i < 40; i++) {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        template[state % template.length] = (state >> 8) & 0xff;
      }
      const values = { 'topmostSubform[0].Page2[0].SectionA[0].City[0]': 'Montréal' };
      const [result] = await Promise.allSettled([processes.run('fillValues', { values, template })]);
      if (result?.status === 'rejected')
        expect(['PdfRefusedError', 'FormReadBackError'], String(result.reason)).toContain(result.reason.name);
    }
  });
});

/** A page whose drawing inflates to 400 megabytes. */
function bombInPage(pdf: Uint8Array): Uint8Array {
  const zeros = inflatingTo(400);
  const text = Buffer.from(pdf).toString('latin1');
  const first = /(\d+) 0 obj\n<<\n\/Filter \/FlateDecode\n\/Length (\d+)\n>>\nstream\n/.exec(text);
  if (!first) throw new Error('The replica has no page stream to replace.');
  const update = `\n${first[1]} 0 obj\n<< /Filter /FlateDecode /Length ${zeros.length} >>\nstream\n`;
  return Buffer.concat([pdf, Buffer.from(update), zeros, Buffer.from('\nendstream\nendobj\n')]);
}
