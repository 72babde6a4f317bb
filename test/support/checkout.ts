import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root folder. */
export const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));

/** What set-up fetched and may be fetched again: servers, build state. */
export const CACHE_DIR = path.join(CHECKOUT, '.cache');
