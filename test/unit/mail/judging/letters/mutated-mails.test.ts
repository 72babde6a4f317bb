import { beforeAll, describe, expect, test } from 'vitest';
import { parseMessage } from '../../../../../src/mail/incoming/parse-message.js';
import type { LetterBook } from '../../../../../src/mail/judging/letters/letter.js';
import { subjectParagraph } from '../../../../../src/mail/judging/text/paragraphs.js';
import { bareWords } from '../../../../../src/mail/judging/text/readable.js';
import { signed } from '../corpus.js';
import { judged } from '../judged.js';
import { ACME, AGENTS, BOIS, draft, index, taughtBook, written } from './desk-mails.js';
import { TAUGHT } from './sixty-letters.js';

/** A repeatable sequence of numbers, from 0 to below 1. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Random = ReturnType<typeof numbers>;
const below = (random: Random, limit: number) => Math.floor(random() * limit);
const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)] as T;

const WORDS = 'not no unless denied approved pending bond if until 5106 $12 ~~ > <b> -- \r\n\r\n'.split(' ');
const HEADERS = [
  'In-Reply-To: <app-acme@broker.example>',
  'Content-Type: text/html',
  'Content-Transfer-Encoding: base64',
  'Auto-Submitted: auto-replied',
  'Precedence: bulk',
  'Subject: Denied',
  'From: a@b.example',
  'To: ace+aaaaaaaaaaaaaaaa@broker.example',
  'Date: Mon, 2 Mar 2026 10:00:00 -0500',
  'DKIM-Signature: v=1; a=rsa-sha256; d=cbp.dhs.gov; s=s1; h=from; bh=AA; b=AA',
  'X-Failed-Recipients: a@b.example',
];

type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer;
const onLines =
  (edit: (lines: string[], at: number, random: Random) => string[]): Mutation =>
  (bytes, random) => {
    const lines = bytes.toString('latin1').split('\r\n');
    return Buffer.from(edit(lines, below(random, lines.length), random).join('\r\n'), 'latin1');
  };
const bodyOf = (bytes: Buffer) => bytes.indexOf('\r\n\r\n') + 4;

const MUTATIONS: Mutation[] = [
  (bytes, random) => {
    const flipped = Buffer.from(bytes);
    for (let count = 1 + below(random, 4); count > 0; count--)
      flipped[below(random, flipped.length)] = below(random, 256);
    return flipped;
  },
  (bytes, random) => {
    const at = below(random, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(random, 60))]);
  },
  (bytes, random) => bytes.subarray(0, below(random, bytes.length)),
  onLines((lines, at) => lines.filter((_, index) => index !== at)),
  onLines((lines, at) => [...lines.slice(0, at), lines[at] ?? '', ...lines.slice(at)]),
  onLines((lines, at, random) => {
    const to = below(random, lines.length);
    return lines.map((line, index) => (index === at ? (lines[to] ?? '') : index === to ? (lines[at] ?? '') : line));
  }),
  onLines((lines, at, random) => {
    const words = (lines[at] ?? '').split(' ');
    words.splice(below(random, words.length + 1), 0, pick(random, WORDS));
    return lines.map((line, index) => (index === at ? words.join(' ') : line));
  }),
  (bytes, random) => Buffer.concat([Buffer.from(`${pick(random, HEADERS)}\r\n`), bytes]),
  (bytes, _, other) => Buffer.concat([bytes.subarray(0, bodyOf(bytes)), other.subarray(bodyOf(other))]),
  (bytes, random) => {
    const type = pick(random, ['mixed', 'alternative', 'related', 'report', 'digest']);
    const inner = pick(random, ['message/rfc822', 'text/plain', 'text/html', 'multipart/mixed; boundary=n']);
    const part = `Content-Type: multipart/${type}; boundary=n\r\n\r\n--n\r\nContent-Type: ${inner}\r\n\r\n`;
    return Buffer.concat([
      bytes.subarray(0, bodyOf(bytes) - 2),
      Buffer.from(part),
      bytes,
      Buffer.from('\r\n--n--\r\n'),
    ]);
  },
  (bytes, random) => {
    const body = bytes.subarray(bodyOf(bytes));
    return Buffer.concat([bytes, ...Array<Buffer>(below(random, 50)).fill(body)]);
  },
];

function mutated(bytes: Buffer, random: Random, other: Buffer): Buffer {
  let result = bytes;
  for (let count = 1 + below(random, 3); count > 0; count--) result = pick(random, MUTATIONS)(result, random, other);
  return result;
}

/** An email's words, except what may differ between emails of one letter: filler, numbers, paths. */
async function wordsOf(raw: Buffer): Promise<string[]> {
  const { subject, text, alternativeText } = await parseMessage(raw);
  return [`${subjectParagraph(subject)}\n${text}`, ...(alternativeText ? [alternativeText] : [])].map((version) => {
    const withoutFiller = AGENTS.reduce((rest, agent) => rest.replaceAll(agent, ' '), version);
    return bareWords(withoutFiller.replace(/\S*[\d/]\S*/g, ' '));
  });
}

/** FUZZ_RUNS=5000 tries more, FUZZ_SEED=7 other ones. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 1_500);
const SEED = Number(process.env.FUZZ_SEED ?? 1);

describe('of randomly changed emails', { timeout: 300_000 }, () => {
  const of = { ...BOIS, greeting: '', quotation: '' };
  const drafts = TAUGHT.map((letter) => written(draft(letter, of)));
  let letters: LetterBook;
  let originals: { raw: Buffer; words: string[] }[];
  beforeAll(async () => {
    letters = await taughtBook(TAUGHT, ACME);
    originals = await Promise.all(
      drafts.map(async (unsigned) => ({ raw: await signed(unsigned), words: await wordsOf(unsigned) })),
    );
    for (const { raw } of originals) expect((await judged(raw, { index, letters })).action).toBe('signal');
  });

  /** The best of three if it took a second, because the machine may be busy. */
  async function judgedInTime(raw: Buffer, what: string) {
    let best = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 3; attempt++) {
      const started = performance.now();
      const judgement = await judged(raw, { index, letters });
      best = Math.min(best, performance.now() - started);
      if (best < 1_000) return judgement;
    }
    throw new Error(`${what} took ${Math.round(best)} ms: ${raw.subarray(0, 5_000).toString('latin1')}`);
  }

  test.each([
    ['after CBP signed it', RUNS, SEED],
    ['before CBP signed it', RUNS, SEED + 1],
  ])('%s (%i), none is slow, and none with another word counts', async (when, runs, seed) => {
    const random = numbers(seed);
    const changedLater = when.startsWith('after');
    let counting = 0;
    for (let run = 0; run < runs; run++) {
      const at = below(random, drafts.length);
      const [bytes, other] = [at, at + 1].map((place) => {
        const wanted = place % drafts.length;
        return (changedLater ? originals[wanted]?.raw : drafts[wanted]) ?? Buffer.alloc(0);
      }) as [Buffer, Buffer];
      const changed = mutated(bytes, random, other);
      const raw = changedLater ? changed : await signed(changed).catch(() => changed);
      const { action, mail } = await judgedInTime(raw, `${when}, ${run}`);
      const counts = action === 'signal' && !['client-reply', 'out-of-office'].includes(mail.kind);
      if (!counts) continue;
      counting++;
      const words = await wordsOf(raw);
      const allowed = originals.map((original) => JSON.stringify(original.words));
      expect(allowed, `${when}, ${run}: ${raw.toString('latin1')}`).toContain(JSON.stringify(words));
    }
    // Changes that leave a letter's content alone still count: the emails are close enough to count.
    expect(counting).toBeGreaterThan(0);
    expect(counting).toBeLessThan(runs / 4);
  });
});
