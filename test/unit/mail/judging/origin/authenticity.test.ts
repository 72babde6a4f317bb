import { describe, expect, it } from 'vitest';
import { recordsResolver } from '../../../../../src/mail/judging/origin/dns.js';
import { dnsRecords, fromCbp, type MailParts, mail, signed } from '../corpus.js';
import { brokenDns, judged, judgedAsKnown } from '../judged.js';

const APPROVAL: MailParts = {
  to: 'ace+aaaaaaaaaaaaaaaa@broker.example',
  subject: 'RE: ACE Portal Account Application - Acme Imports LLC - IOR 12-345678900',
  inReplyTo: '<app-acme@broker.example>',
  body: 'Your ACE Portal account application has been approved.',
};
const ACKNOWLEDGEMENT: MailParts = {
  ...APPROVAL,
  headers: ['Auto-Submitted: auto-replied'],
  body: 'Your email has been received. CBP will respond within 3 to 5 business days.',
};

/** Adds headers above a finished message, as someone in transit could. */
const above = (message: Buffer, ...headers: string[]) =>
  Buffer.concat([Buffer.from(headers.map((header) => `${header}\r\n`).join('')), message]);
const replaced = (message: Buffer, what: string, by: string) =>
  Buffer.from(message.toString('latin1').replace(what, by), 'latin1');

async function expectNotBelieved(message: Buffer, reason: RegExp, further: Parameters<typeof judged>[1] = {}) {
  const judgement = await judged(message, further);
  expect(judgement.mail.authenticity.verdict).toBe('unauthentic');
  expect(judgement.action).toBe('review');
  expect(judgement.mail.authenticity.reasons.join('; ')).toMatch(reason);
  return judgement;
}

describe('who is trusted as CBP', () => {
  it('a genuine, aligned signature is trusted', async () => {
    const { mail: received, action, reference } = await judgedAsKnown(await fromCbp(APPROVAL));
    expect(received).toMatchObject({ kind: 'approved', authenticity: { verdict: 'authentic' } });
    expect({ action, reference }).toEqual({ action: 'signal', reference: 'ACME-1' });
  });

  it('a signature of the parent domain is trusted, because dhs.gov is on the list', async () => {
    const message = await signed(mail(APPROVAL), 'dhs.gov');
    expect((await judged(message)).mail.authenticity.verdict).toBe('authentic');
    await expectNotBelieved(message, /not a signer we trust for CBP/, {
      trust: { fromDomains: ['cbp.dhs.gov'], dkimDomains: ['cbp.dhs.gov'] },
    });
  });

  it('an email through a mailing service, signed only by the service, is not trusted', async () => {
    await expectNotBelieved(await signed(mail(APPROVAL), 'mailer.example'), /not aligned.*DMARC: fail/);
  });

  it('a forged From with forged Authentication-Results is not trusted', async () => {
    const forged = above(
      mail(APPROVAL),
      'Authentication-Results: mx.broker.example; dkim=pass header.d=cbp.dhs.gov; dmarc=pass header.from=cbp.dhs.gov',
    );
    await expectNotBelieved(forged, /no DKIM signature.*DMARC: fail/);
  });

  it('a look-alike domain with its own valid signature is not trusted, although DMARC passes', async () => {
    const message = await signed(
      mail({ ...APPROVAL, from: 'ACE Applications <ACE.Applications@cbp-dhs.example>' }),
      'cbp-dhs.example',
    );
    const judgement = await expectNotBelieved(message, /cbp-dhs.example is not a CBP domain/);
    expect(judgement.mail.kind).toBe('approved');
  });

  it.each(['cbp.dhs.gov.evil.example', 'evilcbp.dhs.gov', 'dhs.gov', 'cbp.dhs.gov.'])(
    'the domain %s is not trusted: only exact names count',
    async (domain) => {
      await expectNotBelieved(await signed(mail({ ...APPROVAL, from: `x@${domain}` })), /not a CBP domain|exactly one/);
    },
  );

  it('a CBP address in the display name is not trusted', async () => {
    await expectNotBelieved(
      mail({ ...APPROVAL, from: '"ACE.Applications@cbp.dhs.gov" <ace.cbp@mailer.example>' }),
      /mailer.example is not a CBP domain; the sender's display name shows an address other than the real one/,
    );
  });

  it.each([
    ['two From lines', ['From: x@evil.example']],
    ['the same From twice', ['From: ACE Applications <ACE.Applications@cbp.dhs.gov>']],
  ])('%s are not trusted', async (_, headers) => {
    await expectNotBelieved(above(await fromCbp(APPROVAL), ...headers), /2 From lines/);
  });

  it.each([
    'ACE.Applications@cbp.dhs.gov, x@evil.example',
    'ACE.Applications@cbp.dhs.gov <x@evil.example>',
    '<ACE.Applications@cbp.dhs.gov> <x@evil.example>',
    'CBP: ACE.Applications@cbp.dhs.gov;',
    '"x@evil.example" ACE.Applications@cbp.dhs.gov',
    'ACE.Applications@cbp.dhs.gov (',
    '=?utf-8?q?ACE.Applications=40cbp.dhs.gov?=',
    '"ACE.Applications@cbp.dhs.gov"@evil.example',
  ])('an ambiguous From line is not trusted: %s', async (from) => {
    const judgement = await judged(await signed(mail({ ...APPROVAL, from })));
    if (from.startsWith('"x@evil') || from.endsWith('(')) return; // Read the same by everybody, or refused: both are safe.
    expect(judgement.mail.authenticity.verdict).toBe('unauthentic');
    expect(judgement.action).not.toBe('signal');
  });

  it.each(['Subject', 'From', 'Date', 'To', 'Message-ID', 'In-Reply-To', 'References', 'Content-Type', 'Reply-To'])(
    'a second %s above a genuine signed one is not trusted',
    async (name) => {
      const genuine = await fromCbp({
        ...APPROVAL,
        references: '<app-acme@broker.example>',
        headers: ['Reply-To: x@cbp.dhs.gov'],
      });
      await expectNotBelieved(above(genuine, `${name}: something else`), /has more than one .* header|2 From lines/);
    },
  );

  it('a second Subject with a space before its colon, or in other case, is still noticed', async () => {
    for (const name of ['Subject ', 'sUBJECT'])
      await expectNotBelieved(above(await fromCbp(APPROVAL), `${name}: Approved`), /has more than one subject header/);
  });

  it('a bare carriage return that hides a header is not trusted', async () => {
    await expectNotBelieved(above(await fromCbp(APPROVAL), 'X-Note: a\rSubject: Approved'), /bare carriage return/);
  });

  it('a body with appended text is not trusted', async () => {
    const genuine = await fromCbp(APPROVAL);
    await expectNotBelieved(Buffer.concat([genuine, Buffer.from('\r\nP.S. Send money.\r\n')]), /body hash/);
  });

  it('a body with appended text is not trusted for a decision, although our host reports that DMARC passed by SPF', async () => {
    const host = 'Authentication-Results: mx.broker.example; spf=pass; dkim=fail; dmarc=pass header.from=cbp.dhs.gov';
    const trust = { fromDomains: ['cbp.dhs.gov'], dkimDomains: ['cbp.dhs.gov'], authservId: 'mx.broker.example' };
    const received =
      'Received: from out.cbp.dhs.gov (out.cbp.dhs.gov [192.0.2.1]) by mx.broker.example; Tue, 3 Mar 2026 15:00:01 -0500';
    const tampered = (message: Buffer) => above(Buffer.concat([message, Buffer.from('P.S.\r\n')]), host, received);
    await expectNotBelieved(tampered(await fromCbp(APPROVAL)), /body hash/, { trust });
    const acknowledged = await judged(tampered(await fromCbp(ACKNOWLEDGEMENT)), { trust });
    expect(acknowledged.mail).toMatchObject({ kind: 'acknowledgement', authenticity: { verdict: 'authentic' } });
  });

  it('a signature over the beginning of the body (l=) is not trusted, not even for an acknowledgement', async () => {
    for (const parts of [APPROVAL, ACKNOWLEDGEMENT]) {
      const message = await signed(mail(parts), 'cbp.dhs.gov', { maxBodyLength: 40 });
      expect(message.toString()).toContain('l=40');
      await expectNotBelieved(Buffer.concat([message, Buffer.from('And more.\r\n')]), /beginning of the body/);
    }
  });

  it('a signature that does not cover Subject or Date is not trusted', async () => {
    const message = await signed(mail(APPROVAL), 'cbp.dhs.gov', { headerList: 'From:Message-ID' });
    await expectNotBelieved(message, /does not cover subject, date/);
  });

  it('an expired signature is not trusted', async () => {
    const message = await signed(mail(APPROVAL), 'cbp.dhs.gov', { expires: new Date(Date.now() - 10_000) });
    await expectNotBelieved(message, /expired/);
  });

  it('a signature from the future is not trusted, beyond normal clock differences', async () => {
    const at = (minutes: number) =>
      signed(mail(APPROVAL), 'cbp.dhs.gov', { signTime: new Date(Date.now() + minutes * 60_000) });
    await expectNotBelieved(await at(10), /its time is not valid/);
    expect((await judged(await at(3))).mail.authenticity.verdict).toBe('authentic');
  });

  it('a signature that does not cover Content-Type is not trusted, because the boundary decides which words are read', async () => {
    const body = `We cannot find it.\n\n--b\nContent-Type: text/plain\n\n${APPROVAL.body}\n--b--`;
    const genuine = await signed(mail({ ...APPROVAL, body }), 'cbp.dhs.gov', {
      headerList: 'From:To:Subject:Date:Message-ID',
    });
    const turned = replaced(genuine, 'text/plain; charset=utf-8', 'multipart/mixed; boundary=b');
    expect((await expectNotBelieved(turned, /does not cover content-type/)).mail.kind).toBe('approved');
  });

  it("a stranger's genuine approval is trusted, but does not count for the onboarding whose thread he forwards it to", async () => {
    const { body = '' } = APPROVAL;
    const genuine = await fromCbp({ to: 'Somebody <owner@stranger.example>', body });
    for (const header of ['In-Reply-To: <app-acme@broker.example>', `Cc: ${APPROVAL.to}`]) {
      const sentOn = await judgedAsKnown(above(genuine, header));
      // Only recipients we wrote to know the alias, so it is as good as a signed To.
      const doubts = header.startsWith('Cc') ? [] : ['evidence-unsigned', 'not-written-to-us'];
      expect(sentOn).toMatchObject({ reference: 'ACME-1', mail: { doubts } });
    }
    const copied = await fromCbp({ to: 'owner@acme.example', headers: [`Cc: ${APPROVAL.to}`], body });
    expect(await judgedAsKnown(copied)).toMatchObject({ action: 'signal', reference: 'ACME-1' });
  });

  it('genuine bytes resent by a stranger are trusted, but have the same signature and stay with their client', async () => {
    const genuine = await fromCbp(APPROVAL);
    const replayed = above(
      genuine,
      'Delivered-To: ace+cccccccccccccccc@broker.example',
      'Received: from evil.example by mx.broker.example; Wed, 4 Mar 2026 10:00:00 -0500',
    );
    const [first, second] = [await judged(genuine), await judged(replayed)];
    expect(second.mail.signature).toBe(first.mail.signature);
    expect([first.reference, second.reference]).toEqual(['ACME-1', 'ACME-1']);
    const wordless = await fromCbp({ ...APPROVAL, subject: 'Your application', inReplyTo: '' });
    const elsewhere = await judged(above(wordless, 'Delivered-To: ace+cccccccccccccccc@broker.example'));
    expect(elsewhere).toMatchObject({
      action: 'review',
      reasons: expect.arrayContaining([expect.stringMatching(/matches 2 onboardings/)]),
    });
  });

  it('an email without the key in DNS is not trusted', async () => {
    const { 's1._domainkey.cbp.dhs.gov': removed, ...records } = dnsRecords();
    expect(removed).toBeDefined();
    await expectNotBelieved(await fromCbp(APPROVAL), /no key/, { resolver: recordsResolver(records) });
  });

  it('an email without a DMARC record is not trusted, although its signature passes', async () => {
    const records = Object.fromEntries(Object.entries(dnsRecords()).filter(([name]) => !name.startsWith('_dmarc')));
    await expectNotBelieved(await fromCbp(APPROVAL), /DMARC: none/, { resolver: recordsResolver(records) });
  });

  it('a DNS failure leaves the verdict open for a retry, and is not a forgery', async () => {
    const { mail: received, action } = await judged(await fromCbp(APPROVAL), { resolver: brokenDns });
    expect(received.authenticity.verdict).toBe('undetermined');
    expect(action).toBe('review');
  });

  it('when DNS fails, an email from elsewhere is still not from CBP', async () => {
    const { mail: received } = await judged(mail({ ...APPROVAL, from: 'x@evil.example' }), { resolver: brokenDns });
    expect(received.authenticity).toMatchObject({
      verdict: 'unauthentic',
      reasons: [expect.stringMatching(/is not a CBP domain/)],
    });
  });

  it('a Cyrillic look-alike in the From domain is not trusted', async () => {
    await expectNotBelieved(mail({ ...APPROVAL, from: 'ACE.Applications@сbp.dhs.gov' }), /letters beyond ASCII/);
    await expectNotBelieved(
      mail({ ...APPROVAL, from: 'ACE.Applications@xn--bp-1lc.dhs.gov' }),
      /encoded international/,
    );
  });

  it('a genuine email relayed by a list with a tag in its subject is not trusted, whatever ARC seal it has', async () => {
    const genuine = await fromCbp(APPROVAL);
    const relayed = above(
      replaced(genuine, 'Subject: RE:', 'Subject: [imports] RE:'),
      'List-Id: <imports.lists.example>',
      'ARC-Seal: i=1; a=rsa-sha256; cv=none; d=lists.example; s=s1; t=1; b=abcd',
      'ARC-Message-Signature: i=1; a=rsa-sha256; d=lists.example; s=s1; h=from; bh=abcd; b=abcd',
      'ARC-Authentication-Results: i=1; lists.example; dkim=pass header.d=cbp.dhs.gov; dmarc=pass header.from=cbp.dhs.gov',
    );
    const judgement = await expectNotBelieved(relayed, /DKIM of cbp.dhs.gov: fail/);
    expect(judgement.mail.kind).toBe('approved');
  });

  it('three hundred signatures are not verified at all', async () => {
    const line = 'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=cbp.dhs.gov; s=s1; h=from; bh=AAAA; b=AAAA';
    let queries = 0;
    const resolver = async () => {
      queries++;
      throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
    };
    await expectNotBelieved(above(mail(APPROVAL), ...Array<string>(300).fill(line)), /300 DKIM signatures/, {
      resolver,
    });
    expect(queries).toBe(0);
  });

  it('an acknowledgement needs only DMARC', async () => {
    const trust = { fromDomains: ['cbp.dhs.gov'], dkimDomains: ['elsewhere.example'] };
    const acknowledged = await judged(await fromCbp(ACKNOWLEDGEMENT), { trust });
    expect(acknowledged.mail).toMatchObject({ kind: 'acknowledgement', authenticity: { verdict: 'authentic' } });
    expect(acknowledged.action).toBe('signal');
    await expectNotBelieved(await fromCbp(APPROVAL), /not a signer we trust for CBP/, { trust });
    await expectNotBelieved(mail(ACKNOWLEDGEMENT), /DMARC: fail/);
  });
});

describe("our own mail host's verdict must agree if it is configured", () => {
  const trust = { fromDomains: ['cbp.dhs.gov'], dkimDomains: ['cbp.dhs.gov'], authservId: 'mx.broker.example' };
  const BORDER =
    'Received: from out.cbp.dhs.gov ([192.0.2.1]) by mx.broker.example with ESMTPS; Tue, 3 Mar 2026 15:00:01 -0500';
  const INNER = 'Received: from mx.broker.example by imap.broker.example with LMTP; Tue, 3 Mar 2026 15:00:02 -0500';
  const PASS =
    'Authentication-Results: mx.broker.example; dkim=pass header.d=cbp.dhs.gov; dmarc=pass (p=reject) header.from=cbp.dhs.gov';
  const verdict = async (...headers: string[]) =>
    (await judged(above(await fromCbp(APPROVAL), ...headers), { trust })).mail.authenticity.verdict;

  it.each([
    ['above the border', 'authentic', [INNER, PASS, BORDER]],
    ['directly at the top', 'authentic', [PASS, BORDER]],
    ['with a version behind its id', 'authentic', [PASS.replace('example;', 'example 1;'), BORDER]],
    [
      'in two headers of one host',
      'authentic',
      [PASS.replace(/dmarc.*/, ''), PASS.replace(/dkim=pass header.d=cbp.dhs.gov; /, ''), BORDER],
    ],
    ['missing', 'unauthentic', [INNER, BORDER]],
    ['forged below the border', 'unauthentic', [INNER, BORDER, PASS]],
    ['forged below a forged line of ours', 'unauthentic', [INNER, BORDER, PASS, BORDER]],
    ['without any Received', 'authentic', [PASS]],
    ['of a foreign host', 'unauthentic', [PASS.replace('mx.broker', 'mx.evil'), BORDER]],
    ['of a host whose name only begins like ours', 'unauthentic', [PASS.replace('example;', 'example.evil;'), BORDER]],
    [
      'that only a comment contains',
      'unauthentic',
      [
        'Authentication-Results: mx.broker.example; dkim=fail (a; dkim=pass; dmarc=pass header.from=cbp.dhs.gov); dmarc=fail header.from=cbp.dhs.gov',
        BORDER,
      ],
    ],
    [
      'that only a quoted string contains',
      'unauthentic',
      [
        'Authentication-Results: mx.broker.example; dkim=pass; spf=pass smtp.mailfrom="x; dmarc=pass header.from=cbp.dhs.gov; y"@evil.example',
        BORDER,
      ],
    ],
    [
      'behind a comment that never ends',
      'unauthentic',
      ['Authentication-Results: mx.broker.example; spf=pass (x; dkim=pass; dmarc=pass header.from=cbp.dhs.gov', BORDER],
    ],
    [
      'for another From domain',
      'unauthentic',
      [PASS.replace('header.from=cbp.dhs.gov', 'header.from=evil.example'), BORDER],
    ],
    ['with two From domains', 'unauthentic', [`${PASS} header.from=evil.example`, BORDER]],
    [
      'with two From domains, ours last',
      'unauthentic',
      [PASS.replace('header.from=', 'header.from=evil.example header.from='), BORDER],
    ],
    [
      'with a DMARC failure beside the pass',
      'unauthentic',
      [PASS, 'Authentication-Results: mx.broker.example; dmarc=fail header.from=cbp.dhs.gov', BORDER],
    ],
    [
      'with SPF alone',
      'unauthentic',
      ['Authentication-Results: mx.broker.example; spf=pass smtp.mailfrom=cbp.dhs.gov', BORDER],
    ],
    ['with DKIM failing', 'unauthentic', [PASS.replace('dkim=pass', 'dkim=fail'), BORDER]],
  ])('%s: %s', async (_, expected, headers) => {
    expect(await verdict(...headers)).toBe(expected);
  });

  it("accepts Microsoft 365's form, which names no host, only if configured", async () => {
    const headers = [
      'Received: from BN8PR09MB0001.namprd09.prod.outlook.com (2603:10b6::1) by BY5PR09MB0002.namprd09.prod.outlook.com with HTTPS; Tue, 3 Mar 2026 20:00:05 +0000',
      'Authentication-Results: spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=cbp.dhs.gov; dkim=pass (signature was verified)\r\n header.d=cbp.dhs.gov;dmarc=pass action=none\r\n header.from=cbp.dhs.gov;compauth=pass reason=100',
      'Received: from out.cbp.dhs.gov (192.0.2.1) by BN1NAM02FT001.mail.protection.outlook.com (10.13.2.3) with Microsoft SMTP Server; Tue, 3 Mar 2026 20:00:03 +0000',
    ];
    const message = above(await fromCbp(APPROVAL), ...headers);
    const believing = (authservId: string) => judged(message, { trust: { ...trust, authservId } });
    expect((await believing('microsoft-365')).mail.authenticity.verdict).toBe('authentic');
    expect((await believing('mx.broker.example')).mail.authenticity.verdict).toBe('unauthentic');
    const realHops = [
      'Received: from PH7PR00MB0002.namprd00.prod.outlook.com (2001:db8:1::2) by BL0PR00MB0001.namprd00.prod.outlook.com with HTTPS; Tue, 3 Mar 2026 20:00:06 +0000',
      'Received: from BN1PEPF00000001.namprd05.prod.outlook.com (2001:db8:2::4) by BN9PR03CA0001.outlook.office365.com (2001:db8:2::1) with Microsoft SMTP Server; Tue, 3 Mar 2026 20:00:05 +0000',
    ];
    const relayed = (...hops: string[]) => fromCbp(APPROVAL).then((genuine) => above(genuine, ...hops, ...headers));
    const microsoft = { trust: { ...trust, authservId: 'microsoft-365' } };
    expect((await judged(await relayed(...realHops), microsoft)).mail.authenticity.verdict).toBe('authentic');
    const elsewhere = realHops.map((hop) => hop.replace('outlook.office365.com', 'outlook.office365.evil.example'));
    expect((await judged(await relayed(...elsewhere), microsoft)).mail.authenticity.verdict).toBe('unauthentic');
    const [inner = '', results = '', border = ''] = headers;
    const forged = above(await fromCbp(APPROVAL), inner, border, results);
    expect((await judged(forged, { trust: { ...trust, authservId: 'microsoft-365' } })).mail.authenticity.verdict).toBe(
      'unauthentic',
    );
  });

  it("accepts results below Google's own border line, where Google writes them, but no further down", async () => {
    const google = { ...trust, authservId: 'mx.google.com' };
    const hop = 'Received: by 2002:a05:6f02:c86:b0:85:1234:5678 with SMTP id abc; Tue, 3 Mar 2026 12:00:02 -0800 (PST)';
    const border =
      'Received: from out.cbp.dhs.gov (out.cbp.dhs.gov. [192.0.2.1]) by mx.google.com with ESMTPS id x; Tue, 3 Mar 2026 12:00:01 -0800';
    const pass = PASS.replace('mx.broker.example', 'mx.google.com');
    const foreign = 'Received: from inside by out.cbp.dhs.gov; Tue, 3 Mar 2026 15:00:00 -0500';
    const judge = async (...headers: string[]) =>
      (await judged(above(await fromCbp(APPROVAL), ...headers), { trust: google })).mail.authenticity.verdict;
    expect(await judge(hop, border, pass, foreign)).toBe('authentic');
    expect(await judge(hop, border, foreign, pass)).toBe('unauthentic');
  });
});
