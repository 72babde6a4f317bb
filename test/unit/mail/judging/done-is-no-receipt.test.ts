import { describe, expect, it } from 'vitest';
import { fromCbp } from './corpus.js';
import { judged } from './judged.js';

const ACME = { to: 'ace+aaaaaaaaaaaaaaaa@broker.example', subject: 'Your ACE application' };

describe('an acknowledgement that says that more was done', () => {
  it.each([
    'We have received your application and completed it.',
    'We received your application and your account is now open.',
    'We received your application. Your request has been decided.',
    'We received your application. It has been completed and the account was issued.',
    'Your application has been received. Your account is on hold.',
    'Your application has been received. You can now log in to your account.',
  ])('goes to a person, regardless of the sender: %s', async (body) => {
    for (const headers of [[], ['Auto-Submitted: auto-replied']]) {
      const { action } = await judged(await fromCbp({ ...ACME, body, headers }));
      expect(action).toBe('review');
    }
  });

  it('counts if it only says that something arrived', async () => {
    const body = 'We have received your application. We will respond within 5 business days.';
    const { mail, action } = await judged(await fromCbp({ ...ACME, body }));
    expect({ kind: mail.kind, action }).toEqual({ kind: 'acknowledgement', action: 'signal' });
  });
});
