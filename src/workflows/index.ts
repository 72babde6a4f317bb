/** What a worker offers. The bundler reads the exports of this one file. */
export { onboardImporter } from './onboard-importer.js';
export { watchMailbox } from './watch-mailbox.js';
