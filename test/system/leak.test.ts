import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { CHECKOUT } from '../support/checkout.js';
import { filesBelow, type Leak, leaksIn, type Mark } from '../support/leaks.js';

/**
 * The whole demonstration with marked personal data, and then a search through everything that left the process: the
 * logs at every level, the database of the Temporal server (ids, search attributes, summaries, failures and all), the
 * archive, temporary files while they last, and what was printed.
 */

interface Client {
  reference: string;
  scenario: string;
  importerNumber: string;
  organization: string;
  company: string;
  officer: [first: string, last: string];
  birth: string;
  owner: [first: string, last: string];
  street: string;
}

const CLIENTS: Client[] = [
  {
    reference: 'leak-happy',
    scenario: 'happy',
    importerNumber: '61-735194800',
    organization: 'corporation',
    company: 'Plain Harbor Inc.',
    officer: ['Zygomira', 'Quellenburger'],
    birth: '1951-02-27',
    owner: ['Xaverinus', 'Obertupfing'],
    street: '9137 Pfauenmark Crossing',
  },
  {
    // Of a sole proprietor the name and the number are the person's own, and a letter is learned from their mail.
    reference: 'leak-sole',
    scenario: 'new-letter',
    importerNumber: '547-61-9382',
    organization: 'sole-proprietorship',
    company: 'Wilhelmtraud Zackenstein',
    officer: ['Wilhelmtraud', 'Zackenstein'],
    birth: '1949-11-23',
    owner: ['Wilhelmtraud', 'Zackenstein'],
    street: '7719 Querkopf Terrace',
  },
  {
    reference: 'leak-corrected',
    scenario: 'name-mismatch-corrected',
    importerNumber: '64-062491500',
    organization: 'corporation',
    company: 'Plain Canyon',
    officer: ['Adelgundula', 'Wirbelstrunk'],
    birth: '1948-09-26',
    owner: ['Pankratiusz', 'Kleiberhuber'],
    street: '6627 Rumpelbach Alley',
  },
  {
    reference: 'leak-bounce',
    scenario: 'bounce',
    importerNumber: '62-840273900',
    organization: 'corporation',
    company: 'Plain Meadow Inc.',
    officer: ['Huldigundis', 'Vexelmann'],
    birth: '1953-07-29',
    owner: ['Ottokarius', 'Brezenfeld'],
    street: '5581 Nebelhorn Parkway',
  },
  {
    reference: 'leak-forged',
    scenario: 'forged-then-real',
    importerNumber: '63-951382700',
    organization: 'corporation',
    company: 'Plain Forest Inc.',
    officer: ['Kunigunder', 'Schnaxlmoser'],
    birth: '1947-05-31',
    owner: ['Ignatiusz', 'Drehwurmer'],
    street: '4443 Zwiebelturm Row',
  },
];

const emailOf = ({ owner: [first, last] }: Client) => `${first}.${last}@zz-${last}.example`.toLowerCase();
const phoneOf = ({ importerNumber }: Client) => `+1 218 555 ${importerNumber.replaceAll('-', '').slice(2, 6)}`;

const marks: Mark[] = CLIENTS.flatMap((client) => [
  { what: 'importer number', text: client.importerNumber },
  { what: 'birth date', text: client.birth },
  { what: 'officer', text: client.officer[1] },
  { what: 'officer, first name', text: client.officer[0] },
  { what: 'account owner', text: client.owner[1] },
  { what: 'account owner, first name', text: client.owner[0] },
  { what: 'mail address', text: emailOf(client) },
  { what: 'phone', text: phoneOf(client) },
  { what: 'street', text: client.street },
]);

function csv(): string {
  const rows = CLIENTS.map(
    (client): Record<string, string> => ({
      reference: client.reference,
      importer_number: client.importerNumber,
      legal_name: client.company,
      organization: client.organization,
      street: client.street,
      city: 'Duluth',
      state: 'MN',
      postal_code: '55802',
      country: 'US',
      phone: phoneOf(client),
      fiscal_year_end: '12-31',
      officer_first_name: client.officer[0],
      officer_last_name: client.officer[1],
      officer_title: 'Owner',
      officer_date_of_birth: client.birth,
      account_owner_first_name: client.owner[0],
      account_owner_last_name: client.owner[1],
      account_owner_title: 'Owner',
      account_owner_email: emailOf(client),
      account_owner_phone: phoneOf(client),
      officer_acknowledgement_name: client.officer.join(' '),
      officer_acknowledgement_at: '2026-05-04',
      officer_acknowledgement_evidence: 'DMS 1',
      account_owner_acknowledgement_name: client.owner.join(' '),
      account_owner_acknowledgement_at: '2026-05-04',
      account_owner_acknowledgement_evidence: 'DMS 2',
      existing_account: 'none',
      form_5106_on_file: 'yes',
      channel: 'email',
      // A number that is a person's own goes into no subject: somebody words that one.
      submission_subject: client.organization === 'sole-proprietorship' ? `Application ${client.reference}` : '',
      scenario: client.scenario,
    }),
  );
  const columns = Object.keys(rows[0] ?? {});
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))]
    .map((cells) => `${cells.join(',')}\n`)
    .join('');
}

interface Run {
  code: number;
  printed: string;
  /** Everything the run left, by path. */
  left: Map<string, Buffer>;
  /** What lay in the folder for temporary files at any moment. */
  temporary: Leak[];
}

async function rehearse(env: Record<string, string>): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'leak-'));
  const [data, temp] = [join(folder, 'data'), await mkdtemp(join(folder, 'tmp-'))];
  await writeFile(join(folder, 'clients.csv'), csv());
  try {
    const args = [
      '--once',
      '--clients',
      join(folder, 'clients.csv'),
      '--data',
      data,
      '--speed',
      '1',
      '--patience',
      '200',
    ];
    const demo = spawn(process.execPath, [join(CHECKOUT, 'dist/simulator/demo/demo.js'), ...args], {
      cwd: CHECKOUT,
      env: { ...process.env, ...env, TMPDIR: temp, REHEARSED_LOG_LEVEL: 'trace' },
    });
    let printed = '';
    for (const stream of [demo.stdout, demo.stderr])
      stream.on('data', (chunk: Buffer) => {
        printed += chunk.toString('utf8');
      });
    const ended = once(demo, 'exit');
    const temporary = new Map<string, Leak>();
    let over = false;
    void ended.then(() => {
      over = true;
    });
    while (!over) {
      for (const [file, bytes] of await filesBelow(temp))
        for (const leak of leaksIn(`temporary ${file}`, bytes, marks)) temporary.set(`${leak.what} ${file}`, leak);
      await delay(250);
    }
    const [code] = await ended;
    return { code: Number(code), printed, left: await filesBelow(data), temporary: [...temporary.values()] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const leaksLeft = ({ left }: Run, where: (path: string) => boolean = () => true) =>
  [...left].filter(([path]) => where(path)).flatMap(([path, bytes]) => leaksIn(path, bytes, marks));
const inDatabase = (path: string) => path.startsWith('temporal.db');
const inArchive = (path: string) => path.startsWith('archive/');
const inLogs = (path: string) => path.endsWith('.log');

describe.concurrent('the personal data of a run', () => {
  test('appears in nothing that left the process', async ({ expect }) => {
    const run = await rehearse({});
    expect(run.code, run.printed).toBe(0);
    expect(leaksLeft(run)).toEqual([]);
    expect(run.temporary).toEqual([]);
    expect(leaksIn('printed', Buffer.from(run.printed), marks)).toEqual([]);

    // The search did look into what there is: what may be seen is seen.
    const seen = (where: (path: string) => boolean, text: string) =>
      [...run.left].some(([path, bytes]) => where(path) && bytes.includes(text));
    expect(seen(inDatabase, 'onboarding-leak-sole')).toBe(true);
    expect(seen(inDatabase, 'Plain Harbor Inc.')).toBe(true);
    expect(seen(inLogs, 'leak-bounce')).toBe(true);
    expect([...run.left.keys()].filter(inArchive).length).toBeGreaterThan(20);
  });

  test('without encryption appears in the database and in the archive, but not in the logs', async ({ expect }) => {
    const run = await rehearse({ REHEARSED_IN_CLEAR: 'true' });
    expect(run.code, run.printed).toBe(0);
    for (const where of [inDatabase, inArchive]) {
      const files = [...run.left].filter(([path]) => where(path));
      const missed = marks.filter((mark) => !files.some(([path, bytes]) => leaksIn(path, bytes, [mark]).length > 0));
      expect(missed).toEqual([]);
    }
    expect(leaksLeft(run, inLogs)).toEqual([]);
    expect(leaksIn('printed', Buffer.from(run.printed), marks)).toEqual([]);
    expect(run.temporary).toEqual([]);
  });
});
