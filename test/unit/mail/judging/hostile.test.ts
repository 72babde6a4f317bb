import { rm } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryIndex } from '../../../../src/mail/judging/correlation/correlation-index.js';
import type { ClosableMailJudge, MailJudgeOptions } from '../../../../src/mail/judging/judge.js';
import type { Judgement } from '../../../../src/mail/judging/judgement.js';
import { recordsResolver } from '../../../../src/mail/judging/origin/dns.js';
import { dnsRecords, fromCbp, type MailParts, mail, SENT, signed, US } from './corpus.js';
import { freshJudge } from './fresh-judge.js';
import { REPLY_ALIAS } from './judged.js';

let fresh: Awaited<ReturnType<typeof freshJudge>>;
let shared: ClosableMailJudge;
beforeAll(async () => {
  fresh = await freshJudge();
  shared = openJudge({ timeLimitMs: 5_000 });
}, 120_000);
afterAll(async () => {
  await shared.close();
  await rm(fresh.directory, { recursive: true, force: true });
});

function openJudge(further: Partial<MailJudgeOptions> = {}): ClosableMailJudge {
  return fresh.module.createMailJudge({
    trust: { fromDomains: ['cbp.dhs.gov'], dkimDomains: ['cbp.dhs.gov', 'dhs.gov'] },
    resolver: recordsResolver(dnsRecords()),
    index: memoryIndex(SENT, REPLY_ALIAS),
    ownAddress: US,
    ...further,
  });
}

const judge = (judging: ClosableMailJudge, raw: Uint8Array) => judging.judge(raw, '2026-03-03T20:00:05.000Z', 'main');

/**
 * Runs something and returns the longest time that the event loop was blocked, in milliseconds. Other work on the machine
 * blocks it too, but not every time, so the best of three counts.
 */
async function longestBlock(run: () => Promise<void>, allowed = 200): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && best >= allowed; attempt++) {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    await run();
    delay.disable();
    best = Math.min(best, delay.max / 1e6);
  }
  return best;
}

const ACME: MailParts = {
  to: 'ace+aaaaaaaaaaaaaaaa@broker.example',
  subject: 'RE: ACE Portal Account Application - Acme Imports LLC - IOR 12-345678900',
  inReplyTo: '<app-acme@broker.example>',
};
const lines = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('\r\n');

describe('malicious messages', () => {
  const nestedParts = (depth: number) => {
    let body = 'Content-Type: text/plain\r\n\r\nhello';
    for (let at = 0; at < depth; at++)
      body = `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n${body}\r\n--b${at}--`;
    return Buffer.from(`From: x@cbp.dhs.gov\r\n${body}`);
  };
  const nestedMessages = (depth: number) =>
    Buffer.from(`From: x@cbp.dhs.gov\r\n${'Content-Type: message/rfc822\r\n\r\n'.repeat(depth)}\r\nhello`);

  it.each<[string, () => Buffer]>([
    [
      '100,000 sibling parts',
      () => mail({ ...ACME, contentType: 'multipart/mixed; boundary=b', body: lines(100_000, () => '--b\r\n\r\nx') }),
    ],
    ['5,000 nested parts', () => nestedParts(5_000)],
    ['3,000 nested messages', () => nestedMessages(3_000)],
    ['a header line of 8 MB', () => mail({ ...ACME, headers: [`X-Long: ${'a'.repeat(8_000_000)}`] })],
    ['a Subject of 3 MB in encoded words', () => mail({ ...ACME, subject: '=?utf-8?q?a?= '.repeat(200_000) })],
    ['100,000 headers', () => mail({ ...ACME, headers: [lines(100_000, (at) => `X-${at}: y`)] })],
    [
      '100,000 recipients',
      () => mail({ ...ACME, to: Array.from({ length: 100_000 }, (_, at) => `a${at}@b.example`).join(', ') }),
    ],
    [
      '100,000 references',
      () => mail({ ...ACME, references: Array.from({ length: 100_000 }, (_, at) => `<${at}@x>`).join(' ') }),
    ],
    [
      'a From line of a million brackets',
      () => mail({ ...ACME, from: `${'('.repeat(500_000)}${')'.repeat(500_000)} x@cbp.dhs.gov` }),
    ],
    [
      'HTML nested 100,000 deep',
      () => mail({ ...ACME, contentType: 'text/html', body: `${'<div>'.repeat(100_000)}hello` }),
    ],
    [
      '5 MB of HTML',
      () => mail({ ...ACME, contentType: 'text/html', body: '<p>hello <b>you</b></p>'.repeat(220_000) }),
    ],
    ['HTML of nothing but brackets', () => mail({ ...ACME, contentType: 'text/html', body: '<'.repeat(2_000_000) })],
    ['10 MB of text', () => mail({ ...ACME, body: 'hello there, how are you\n'.repeat(400_000) })],
    ['a word of 5 MB', () => mail({ ...ACME, body: 'a'.repeat(5_000_000) })],
    ['a million quotation marks', () => mail({ ...ACME, body: '> '.repeat(1_000_000) })],
    [
      '200,000 lines that begin an attribution',
      () => mail({ ...ACME, body: lines(200_000, () => 'On 1 and 1 and 1') }),
    ],
    ['200,000 lines that begin a header block', () => mail({ ...ACME, body: lines(200_000, () => 'From: x') })],
    ['200,000 sentences', () => mail({ ...ACME, body: 'Not if. '.repeat(200_000) })],
    [
      'a sentence of conditions',
      () => mail({ ...ACME, body: `${'if once when not '.repeat(100_000)} has been approved` }),
    ],
    [
      '10,000 numbers',
      () => mail({ ...ACME, body: lines(10_000, (at) => `12-3456${String(at).padStart(3, '0').slice(0, 3)}00`) }),
    ],
    [
      '300 signatures',
      () =>
        mail({
          ...ACME,
          headers: Array<string>(300).fill(
            'DKIM-Signature: v=1; a=rsa-sha256; d=cbp.dhs.gov; s=s1; h=from; bh=AA; b=AA',
          ),
        }),
    ],
    ['26 MB', () => mail({ ...ACME, body: 'x'.repeat(26_000_000) })],
    ['nothing', () => Buffer.alloc(0)],
    ['nothing but zeros', () => Buffer.alloc(1_000_000)],
    ['nothing but line ends', () => Buffer.from('\r\n'.repeat(500_000))],
    ['a header block that never ends', () => Buffer.from(`From: x@cbp.dhs.gov\r\n${' x\r\n'.repeat(300_000)}`)],
  ])('%s end up with a person and never block us', async (_, make) => {
    const message = make();
    let judgement: Judgement | undefined;
    const blocked = await longestBlock(async () => {
      judgement = await judge(shared, message);
    });
    expect(judgement?.action).toBe('review');
    expect(judgement?.mail.mailId).toMatch(/^[0-9a-f]{64}$/);
    expect(blocked).toBeLessThan(200);
  });

  it.each<[string, MailParts, RegExp]>([
    ['26 MB', { body: 'x'.repeat(26_000_000) }, /too-large/],
    ['HTML nested 100,000 deep', { contentType: 'text/html', body: '<div>'.repeat(100_000) }, /too-deep/],
  ])('%s are refused before they cost anything', async (_, parts, why) => {
    const { unreadable, mail: received } = await judge(shared, mail({ ...ACME, ...parts }));
    expect(unreadable).toBe(true);
    expect(received.evidence.join()).toMatch(why);
  });

  it('a message that takes too long is stopped, and the next one is judged', async () => {
    const judging = openJudge({ timeLimitMs: 1 });
    try {
      const judgement = await judge(judging, mail({ ...ACME, body: 'hello there, how are you\n'.repeat(400_000) }));
      expect(judgement).toMatchObject({ action: 'review', unreadable: true, reference: 'ACME-1' });
      expect(judgement.mail.evidence.join()).toMatch(/took longer than/);
    } finally {
      await judging.close();
    }
  });

  it('a message that needs too much memory is stopped, and the next one is judged', async () => {
    const judging = openJudge({ memoryLimitMb: 64 });
    try {
      const big = await judge(judging, mail({ ...ACME, body: 'hello there, how are you\n'.repeat(900_000) }));
      expect(big).toMatchObject({ action: 'review', unreadable: true });
      expect(big.mail.evidence.join()).toMatch(/too much memory/);
      const next = await judge(judging, await fromCbp({ ...ACME, body: 'Your application has been approved.' }));
      expect(next).toMatchObject({ action: 'review', mail: { kind: 'approved' } });
    } finally {
      await judging.close();
    }
  });

  it('waiting for DNS and index does not count as work, and their errors come through', async () => {
    const index = memoryIndex(SENT, REPLY_ALIAS);
    const slow = {
      ...index,
      byMessageId: async (id: string) => {
        await new Promise((resolve) => setTimeout(resolve, 700));
        return await index.byMessageId(id);
      },
    };
    const approved = await fromCbp({ ...ACME, body: 'Your application has been approved.' });
    const patient = openJudge({ index: slow, timeLimitMs: 500 });
    const failing = openJudge({
      index: {
        ...index,
        byMessageId: async () => Promise.reject(Object.assign(new Error('archive gone'), { code: 'unreachable' })),
      },
    });
    try {
      await expect(judge(patient, approved)).resolves.toMatchObject({
        reference: 'ACME-1',
        mail: { kind: 'approved' },
      });
      await expect(judge(failing, approved)).rejects.toMatchObject({ message: 'archive gone', code: 'unreachable' });
      await expect(judge(failing, mail({ inReplyTo: '', messageId: null }))).resolves.toBeDefined();
    } finally {
      await Promise.all([patient.close(), failing.close()]);
    }
  });

  it('a few threads judge any number of emails at once', async () => {
    const judging = openJudge({ threads: 2 });
    try {
      const raw = await fromCbp({ ...ACME, body: 'Your application has been approved.' });
      const all = await Promise.all(Array.from({ length: 50 }, () => judge(judging, raw)));
      expect(all.every(({ mail: { kind } }) => kind === 'approved')).toBe(true);
    } finally {
      await judging.close();
    }
  });
});

// Fuzzing --------------------------------------------------------------------------------------------------------------

/** Other ones with each run. FUZZ_RUNS=10000 tries more. */
const MUTATIONS = Number(process.env.FUZZ_RUNS ?? 2_500);
const BATCH = 500;
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);

/** mulberry32: the same seed, the same mutations. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function realShapes(): Promise<Buffer[]> {
  const multipart = (...parts: string[]) => ({
    contentType: 'multipart/mixed; boundary=b1',
    body: `${parts.map((part) => `--b1\n${part}\n`).join('')}--b1--`,
  });
  const approved =
    'Good morning,\n\nYour ACE Portal account application has been approved.\n\nOn Mon, Mar 2, 2026 Broker wrote:\n> Please see attached.';
  return [
    await fromCbp({ ...ACME, body: approved }),
    await fromCbp({
      ...ACME,
      headers: ['Auto-Submitted: auto-replied'],
      body: 'We received your application and will respond within 3 to 5 business days.',
    }),
    await fromCbp({
      ...ACME,
      contentType: 'text/html; charset=utf-8',
      body: '<html><body><p>Your application has been <b>denied</b>.</p><blockquote>Hello</blockquote></body></html>',
    }),
    await fromCbp({
      ...ACME,
      headers: ['Content-Transfer-Encoding: base64'],
      body: Buffer.from(approved).toString('base64'),
    }),
    await fromCbp({
      ...ACME,
      contentType: 'text/plain; charset=iso-2022-jp',
      headers: ['Content-Transfer-Encoding: quoted-printable'],
      body: 'Additional information is re=71uired.',
    }),
    await fromCbp({
      ...ACME,
      ...multipart(
        `Content-Type: text/plain\n\n${approved}`,
        'Content-Type: application/pdf; name="=?utf-8?q?a=2Epdf?="\nContent-Transfer-Encoding: base64\n\nJVBERi0xLjc=',
        `Content-Type: message/rfc822\n\n${(await fromCbp({ body: approved })).toString()}`,
      ),
    }),
    await signed(mail({ ...ACME, from: 'pat@client.example', body: approved }), 'client.example'),
  ];
}

function mutate(message: Buffer, shapes: Buffer[], random: () => number): Buffer {
  const at = (length: number) => Math.floor(random() * length);
  const cut = at(message.length);
  const end = Math.min(message.length, cut + 1 + at(200));
  const insert = (bytes: Buffer) => Buffer.concat([message.subarray(0, cut), bytes, message.subarray(cut)]);
  const noise = () => Buffer.from(Array.from({ length: 1 + at(50) }, () => at(256)));
  const pieces = [
    '\r\n\r\n',
    '\r',
    '\n',
    '\0',
    '--b1',
    '--b1--',
    'Content-Type: multipart/mixed; boundary=b1\r\n',
    'From: x@cbp.dhs.gov\r\n',
    '=?utf-8?b?////?=',
    '>',
    '<',
    '"',
    '(',
    '=\r\n',
    '\u202e',
    'Content-Transfer-Encoding: base64\r\n',
    'DKIM-Signature: v=1; l=5;',
    'charset=utf-7',
  ];
  switch (at(10)) {
    case 0:
      return Buffer.from(message.map((byte) => (random() < 0.005 ? byte ^ (1 << at(8)) : byte)));
    case 1:
      return Buffer.concat([message.subarray(0, cut), message.subarray(end)]);
    case 2:
      return insert(noise());
    case 3:
      return message.subarray(0, cut);
    case 4:
      return insert(Buffer.concat(Array.from({ length: 1 + at(30) }, () => message.subarray(cut, end))));
    case 5:
      return insert(Buffer.from((pieces[at(pieces.length)] ?? '').repeat(1 + at(20))));
    case 6: {
      const other = shapes[at(shapes.length)] ?? message;
      return Buffer.concat([message.subarray(0, cut), other.subarray(at(other.length))]);
    }
    case 7:
      return Buffer.from(message.toString('latin1').replaceAll('\r\n', ['\n', '\r', '\n\r'][at(3)] ?? '\n'), 'latin1');
    case 8: {
      const headers = message.toString('latin1').split('\r\n');
      const one = at(12);
      const other = at(12);
      [headers[one], headers[other]] = [headers[other] ?? '', headers[one] ?? ''];
      return Buffer.from(headers.join('\r\n'), 'latin1');
    }
    default:
      return mutate(mutate(message, shapes, random), shapes, random);
  }
}

describe('fuzzing', () => {
  it(`${MUTATIONS} mutations of real-shaped mail crash nothing, block nothing, and signal no one without proof (seed ${SEED})`, {
    timeout: 180_000,
  }, async () => {
    const random = randomOf(SEED);
    const shapes = await realShapes();
    const judging = openJudge({ threads: 2 });
    const counts: Record<string, number> = {};
    const judgeOne = async (message: Buffer, at: number) => {
      const { action, mail: received } = await judge(judging, message);
      counts[action] = (counts[action] ?? 0) + 1;
      // Undamaged email is still from CBP; clients need no proof; nothing else reaches an onboarding.
      const mayBeTold =
        received.authenticity.verdict === 'authentic' || received.kind === 'client-reply' || received.kind === 'bounce';
      const nobodysConcern = ['unrelated', 'out-of-office', 'own-copy'].includes(received.kind);
      if ((action === 'signal' && !mayBeTold) || (action === 'ignore' && !nobodysConcern))
        throw new Error(`seed ${SEED}, mutation ${at}: ${action} for ${JSON.stringify(received)}`);
    };
    try {
      for (let from = 0; from < MUTATIONS; from += BATCH) {
        const batch = Array.from({ length: BATCH }, (_, at) =>
          mutate(shapes[(from + at) % shapes.length] ?? Buffer.alloc(0), shapes, random),
        );
        const blocked = await longestBlock(async () => {
          await Promise.all(batch.map((message, at) => judgeOne(message, from + at)));
        });
        expect(blocked).toBeLessThan(200);
      }
      expect(counts.review).toBeGreaterThan(MUTATIONS / 2);
    } finally {
      await judging.close();
    }
  });
});
