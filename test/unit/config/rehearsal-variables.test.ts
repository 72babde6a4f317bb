import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/config/read-config.js';
import { newKey } from '../../../src/encryption/keyring.js';
import { BROKER_SETTINGS } from '../../support/broker-settings.js';
import { configurationProblems } from '../../support/configuration-problems.js';

const LIVE = {
  ...BROKER_SETTINGS,
  LIVE: 'true',
  SMTP_HOST: 'smtp.broker.example',
  IMAP_HOST: 'imap.broker.example',
  ENCRYPTION_KEYS: newKey(),
};
const problems = (env: Record<string, string>) => configurationProblems(() => readConfig({ ...LIVE, ...env }));

describe('with LIVE=true', () => {
  test('a configuration for real use is accepted', () => {
    expect(problems({})).toEqual([]);
  });

  test.each([
    ['DNS_RECORDS_FILE', '/rehearsal/dns.json', /anyone could pose as CBP. Remove it\.$/],
    ['PACE_SECONDS_PER_BUSINESS_DAY', '2', /CBP does not work at that pace. Remove it\.$/],
  ])('%s is refused', (name, value, problem) => {
    expect(problems({ [name]: value })).toEqual([expect.stringMatching(problem)]);
    expect(problems({ [name]: value })[0]).toContain(`${name} is set while LIVE is true`);
  });

  test('encryption keys are required', () => {
    expect(problems({ ENCRYPTION_KEYS: '' })).toEqual([
      expect.stringContaining('LIVE is true without ENCRYPTION_KEYS'),
    ]);
  });
});
