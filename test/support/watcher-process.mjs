// @ts-nocheck: it runs compiled code, whose types are already checked.
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createWatcherActivities } from '../../dist/src/activities/watch-mailbox.js';
import { openDirectoryArchive } from '../../dist/src/archive/directory.js';
import { headerJudge } from './header-judge.mjs';

/**
 * A watcher in a separate process that can be killed: the activity from `dist`, run without a worker, so that the next one
 * need not wait for a missed heartbeat. The first argument is its task as JSON. With `deathRate` it kills itself at random,
 * for each email, between signal and record or between record and move.
 */
const told = JSON.parse(process.argv[2]);
const connection = await Connection.connect({ address: told.address });
const archive = await openDirectoryArchive(told.archiveDir);

function maybeDie() {
  if (Math.random() < told.deathRate) process.kill(process.pid, 'SIGKILL');
}
const mortal = new Proxy(archive, {
  get(target, property) {
    const method = target[property];
    if (typeof method !== 'function') return method;
    if (property !== 'replaceRecord') return method.bind(target);
    return async (key, record) => {
      const last = key.startsWith('mails/') && record.state !== 'waiting';
      if (last) maybeDie();
      await target.replaceRecord(key, record);
      if (last) maybeDie();
    };
  },
});

const { watch } = createWatcherActivities({
  config: { imap: told.imap, policy: { sendReconcileSeconds: 900 }, mail: { from: 'ace@broker.example' } },
  mailboxes: new Map([['main', { ...told.imap, credentials: async () => ({ password: 'secret' }) }]]),
  archive: mortal,
  judge: headerJudge(),
  client: new Client({ connection }).workflow,
});
await new MockActivityEnvironment().run(watch, { mailbox: 'main', forSeconds: 3_600 });
