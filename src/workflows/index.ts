/** The workflows of a worker. The bundler reads the exports of this file. */

export { tasksDigest } from './digest/tasks-digest.js';
export { watchMailbox } from './mailbox/watch-mailbox.js';
export { onboardImporter } from './onboarding/onboard-importer.js';
