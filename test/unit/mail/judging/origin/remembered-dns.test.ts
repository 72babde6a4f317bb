import { expect, it } from 'vitest';
import { remembering } from '../../../../../src/mail/judging/origin/dns.js';

it('asks a name server once for a name, whatever its capitals, and again after a failure', async () => {
  const asked: string[] = [];
  const resolver = remembering(async (name, type) => {
    asked.push(`${type} ${name}`);
    if (asked.length === 1) throw Object.assign(new Error('queryTxt ESERVFAIL'), { code: 'ESERVFAIL' });
    return [[`${type} of ${name}`]];
  });
  await expect(resolver('s1._domainkey.cbp.dhs.gov', 'TXT')).rejects.toMatchObject({ code: 'ESERVFAIL' });
  const first = await resolver('s1._domainkey.cbp.dhs.gov', 'TXT');
  expect(await resolver('S1._domainkey.CBP.dhs.gov.', 'TXT')).toBe(first);
  await resolver('s1._domainkey.cbp.dhs.gov', 'MX');
  expect(asked).toHaveLength(3);
});
