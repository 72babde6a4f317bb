import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { CHECKOUT } from '../../support/checkout.js';
import { secured } from '../../support/cluster/temporal-server.mjs';

test('the page on who may act shows the tested configuration', () => {
  const page = readFileSync(path.join(CHECKOUT, 'docs/who-may-act.md'), 'utf8');
  const shown = parse(/```yaml\n([\s\S]+?)```/.exec(page)?.[1] ?? '');
  const tested = secured({ global: {}, services: {} } as never, {
    jwksUrl: 'https://sso.broker.example/keys',
    certFile: '/etc/temporal/frontend.pem',
    keyFile: '/etc/temporal/frontend.key',
    caFile: '/etc/temporal/ca.pem',
    internalFrontend: { grpc: 7236, membership: 6936 },
  });
  expect(tested).toEqual(shown);
});
