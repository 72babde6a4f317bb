// @ts-nocheck: it runs what was compiled, whose types were checked there.
import { createMailActivities } from '../../dist/src/activities/send-mail.js';
import { openDirectoryArchive } from '../../dist/src/archive/directory.js';
import { readConfig } from '../../dist/src/config/read-config.js';

/**
 * A worker's mail activities in a process of its own, to be killed or frozen by its parent, with which it speaks over
 * the fork's channel. Sends what it is told to, one mail after the other. `dieAt` names a point of the send at which it
 * kills itself, `haltAt` one where it reports and waits for `go`.
 */
const told = JSON.parse(process.argv[2]);
let job;

/** One question to the parent, one answer. */
function ask(question) {
  return new Promise((resolve) => {
    process.once('message', resolve);
    process.send(question);
  });
}

const activities = createMailActivities({
  archive: await openDirectoryArchive(told.archiveDir),
  config: readConfig(told.environment),
  importerKeys: { keyOf: (number) => `KEY${number.replace(/\W/g, '')}` },
  timeouts: told.timeouts,
  // The parent's mail server is also where our sent folder would be.
  findSentCopy: async ({ messageId }) => (await ask({ find: messageId })).copy ?? undefined,
  lookAfterMs: [0],
  async at(point) {
    if (point === job.dieAt) process.kill(process.pid, 'SIGKILL');
    if (point === job.haltAt) await ask({ halted: point });
  },
});

let answer = { ready: true };
for (;;) {
  job = await ask(answer);
  try {
    answer = { result: await activities.sendApplication(job.mail) };
  } catch (error) {
    answer = { failure: { type: error.type, message: error.message } };
  }
}
