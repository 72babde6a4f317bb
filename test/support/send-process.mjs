// @ts-nocheck: it runs compiled code, whose types are already checked.
import { createMailActivities } from '../../dist/src/activities/send-mail.js';
import { openDirectoryArchive } from '../../dist/src/archive/directory.js';
import { readConfig } from '../../dist/src/config/read-config.js';

/**
 * The mail activities of a worker in a separate process, which its parent can kill or freeze. They talk over the fork's
 * channel. It sends the given emails one by one. `dieAt` names a point in the send at which it kills itself, `haltAt` a
 * point at which it reports and waits for `go`.
 */
const told = JSON.parse(process.argv[2]);
let job;

/** Asks the parent something and waits for the answer. */
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
  // The parent's mail server also serves as our sent folder.
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
