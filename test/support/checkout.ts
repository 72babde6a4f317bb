import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root folder of the checkout. */
export const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));

/** Files that setup can fetch or build again: servers, build state. */
export const CACHE_DIR = path.join(CHECKOUT, '.cache');
