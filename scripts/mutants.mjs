// npm run mutants: changes the product's code in many small ways, one at a time, and tells which changes no test notices.
// The choice is seeded, so the same command tries the same mutants. test/mutants.md explains those that may survive.
//
//   node scripts/mutants.mjs                       a sample of each room, with Stryker
//   node scripts/mutants.mjs --room archive        one room: judging, outgoing, encryption, archive
//   node scripts/mutants.mjs --workflows           a sample of the workflows, rewritten and bundled
//   node scripts/mutants.mjs --count 20 --seed b   another size or another choice
//   node scripts/mutants.mjs --list                the choice alone
//   node scripts/mutants.mjs --mutant 1a2b3c4d test/temporal/replay.test.ts
//                                                  some tests with one mutant in place
//
// Takes a quarter of an hour for the rooms, and about as long for the workflows. Nothing is changed in the checkout.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ROOMS, WORKFLOWS } from './mutants/rooms.mjs';
import { choose, described, mutantsOf } from './mutants/sample.mjs';
import { tryRoom } from './mutants/stryker.mjs';
import { installStryker, MUTANTS_DIR, NODE_FOR_STRYKER } from './mutants/tools.mjs';
import { noticedBy, tryWorkflows } from './mutants/workflows.mjs';
import { packagedNode } from './packaged-tools.mjs';
import { CHECKOUT, runScript, SetupFailed, say } from './run-script.mjs';
import { installAndBuild } from './setup.mjs';

/** At least this share of the sample has to be noticed. */
const TARGET = 0.85;
const EXPLAINED = path.join(CHECKOUT, 'test', 'mutants.md');

await runScript(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      room: { type: 'string', multiple: true },
      workflows: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      mutant: { type: 'string' },
      seed: { type: 'string', default: 'maple' },
      count: { type: 'string' },
    },
  });
  if (Number(process.versions.node.split('.')[0]) < NODE_FOR_STRYKER) return onNewerNode();
  const rooms = values.workflows ? ['workflows'] : (values.room ?? Object.keys(ROOMS));
  const unknown = rooms.find((room) => !values.workflows && !(room in ROOMS));
  if (unknown) throw new SetupFailed(`There is no room "${unknown}". Name one of ${Object.keys(ROOMS).join(', ')}.`);
  const count = Number(values.count ?? (values.workflows ? 80 : 40));
  if (!(count >= 1)) throw new SetupFailed(`--count ${values.count} must be a whole number of at least 1.`);
  installAndBuild();
  installStryker();
  if (values.mutant) return await tryOne(values.mutant, positionals);

  /** @type {Result[]} */
  const results = [];
  for (const room of rooms) {
    const all = await mutantsOf(room === 'workflows' ? WORKFLOWS.sources : (ROOMS[room]?.sources ?? []));
    const sample = choose(all, values.seed, count);
    say(`${room}: ${sample.length} of ${all.length} mutants`);
    if (values.list) for (const mutant of sample) process.stdout.write(`${described(mutant)}\n`);
    else if (room === 'workflows') results.push({ room, tried: tryWorkflows(sample) });
    else {
      const tried = await tryRoom(room, sample);
      for (const { mutant, how } of tried.filter(({ noticed }) => !noticed)) say(`${how}: ${described(mutant)}`);
      results.push({ room, tried: tried.map((one) => tryFurther(room, one)) });
    }
  }
  return values.list ? 0 : report(results);
});

/**
 * @typedef {import('./mutants/sample.mjs').Mutant} Mutant
 * @typedef {{ mutant: Mutant, noticed: boolean, how: string }} Tried
 * @typedef {{ room: string, tried: Tried[] }} Result
 */

/** @param {Result[]} results @returns {number} the exit code */
function report(results) {
  writeFileSync(path.join(MUTANTS_DIR, 'results.json'), JSON.stringify(results, undefined, 2));
  let unexplained = 0;
  for (const { room, tried } of results) {
    const survivors = tried.filter(({ noticed }) => !noticed);
    for (const { mutant, how } of tried.filter(({ how }) => how.startsWith('test/')))
      process.stdout.write(`noticed   ${described(mutant)} (${how})\n`);
    for (const { mutant, how } of survivors) {
      const known = isExplained(mutant);
      if (!known) unexplained += 1;
      process.stdout.write(`${known ? 'explained' : 'SURVIVED '} ${described(mutant)} (${how})\n`);
    }
    process.stdout.write(`${room}: ${share(tried)}\n`);
  }
  const tried = results.flatMap((result) => result.tried);
  const enough = tried.filter(({ noticed }) => noticed).length >= TARGET * tried.length;
  process.stdout.write(`In all: ${share(tried)}; ${unexplained} survivors without a reason in test/mutants.md\n`);
  return enough && unexplained === 0 ? 0 : 1;
}

/**
 * What the quick tests let pass meets the slow ones, unless a reason is known why it passes.
 * @param {string} room
 * @param {Tried} tried
 * @returns {Tried}
 */
function tryFurther(room, tried) {
  if (tried.noticed || isExplained(tried.mutant)) return tried;
  const by = noticedBy(tried.mutant, ROOMS[room]?.further ?? []);
  say(`${by ? `noticed by ${by}` : 'not noticed'}: ${described(tried.mutant)}`);
  return by ? { ...tried, noticed: true, how: by } : tried;
}

/** @param {Mutant} mutant */
function isExplained({ id }) {
  return readFileSync(EXPLAINED, 'utf8').includes(`\`${id}\``);
}

/** @param {Tried[]} tried */
function share(tried) {
  const noticed = tried.filter((one) => one.noticed).length;
  return `${noticed} of ${tried.length} noticed (${Math.round((100 * noticed) / tried.length)} %)`;
}

/** @param {string} id @param {string[]} tests */
async function tryOne(id, tests) {
  const folders = [...Object.values(ROOMS), WORKFLOWS].flatMap(({ sources }) => sources);
  const mutant = (await mutantsOf(folders)).find((one) => one.id === id);
  if (!mutant) throw new SetupFailed(`There is no mutant "${id}". --list names those of the sample.`);
  if (tests.length === 0) throw new SetupFailed('Name the test files to try with it.');
  say(described(mutant));
  const by = noticedBy(mutant, tests);
  process.stdout.write(`${by ? `noticed by ${by}` : 'not noticed'}: ${described(mutant)}\n`);
  return 0;
}

/** @returns {number} the exit code */
function onNewerNode() {
  const node = packagedNode(String(NODE_FOR_STRYKER));
  const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` };
  return spawnSync(node, process.argv.slice(1), { env, stdio: 'inherit' }).status ?? 1;
}
