// Stryker's build command, run in its copy of the checkout: what tests fetched or built once is there already.
import { symlinkSync } from 'node:fs';

symlinkSync(process.argv[2] ?? '', '.cache', 'junction');
