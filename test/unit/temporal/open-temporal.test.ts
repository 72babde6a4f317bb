import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { refuseOpenTemporal } from '../../../src/temporal/connect.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

function refusal(env: Record<string, string>, config: { live?: boolean; allowOpenTemporal?: string } = {}) {
  vi.stubEnv('TEMPORAL_CONFIG_FILE', '');
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  try {
    refuseOpenTemporal({ live: true, ...config });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

test('an error in the TEMPORAL_ variables says so, and never quotes a file', async () => {
  const nowhere = { TEMPORAL_TLS_CLIENT_CERT_PATH: '/nowhere/cert', TEMPORAL_TLS_CLIENT_KEY_PATH: '/nowhere/key' };
  expect(refusal(nowhere)).toMatch(/TEMPORAL_ variables.*\/nowhere\//s);
  vi.unstubAllEnvs();
  const folder = await mkdtemp(path.join(tmpdir(), 'ace-profile-'));
  const TEMPORAL_CONFIG_FILE = path.join(folder, 'temporal.toml');
  await writeFile(TEMPORAL_CONFIG_FILE, '[profile.default]\napi_key = not-in-quotes\n');
  const said = refusal({ TEMPORAL_CONFIG_FILE });
  await rm(folder, { recursive: true });
  expect(said).toContain('Invalid TOML');
  expect(said).not.toContain('not-in-quotes');
});

describe('a worker with LIVE=true', () => {
  test('does not use a Temporal server that anyone on the network can command', () => {
    expect(refusal({ TEMPORAL_ADDRESS: 'temporal.local:7233' })).toMatch(/does not use TLS.*ALLOW_OPEN_TEMPORAL=/s);
    expect(refusal({ TEMPORAL_ADDRESS: 'temporal.local:7233', TEMPORAL_TLS: 'true' })).toMatch(
      /does not use credentials/,
    );
    const clear = { TEMPORAL_ADDRESS: 'temporal.local:7233', TEMPORAL_API_KEY: 'key', TEMPORAL_TLS: 'false' };
    expect(refusal(clear)).toMatch(/does not use TLS/);
  });

  test('uses a server that asks for credentials or is on this machine', () => {
    expect(refusal({ TEMPORAL_ADDRESS: 'temporal.local:7233', TEMPORAL_API_KEY: 'key' })).toBeUndefined();
    expect(refusal({ TEMPORAL_ADDRESS: '127.0.0.1:7233' })).toBeUndefined();
    expect(refusal({})).toBeUndefined();
  });

  test('uses an open server only if its address is allowed', () => {
    const env = { TEMPORAL_ADDRESS: 'temporal:7233' };
    expect(refusal(env, { allowOpenTemporal: 'temporal:7233' })).toBeUndefined();
    expect(refusal(env, { allowOpenTemporal: 'true' })).toMatch(/ALLOW_OPEN_TEMPORAL=temporal:7233/);
    expect(refusal(env, { allowOpenTemporal: 'other:7233' })).toMatch(/ALLOW_OPEN_TEMPORAL=temporal:7233/);
  });
});

test('a worker without LIVE=true may use any server', () => {
  expect(refusal({ TEMPORAL_ADDRESS: 'temporal.local:7233' }, { live: false })).toBeUndefined();
});
