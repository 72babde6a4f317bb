/** What a worker offers. The bundler reads the exports of this one file. */

export { watchMailbox } from './mailbox/watch-mailbox.js';
export { onboardImporter } from './onboarding/onboard-importer.js';
