import { describe, expect, test } from 'vitest';
import { type ClientConfig, readClientConfig } from '../../../src/config/config.js';
import { newKey } from '../../../src/encryption/keyring.js';
import { configurationProblems } from '../../support/configuration-problems.js';

const key = newKey();
const bucketOf = (env: Record<string, string>): ClientConfig['archiveBucket'] =>
  readClientConfig({ ENCRYPTION_KEYS: key, ...env }).archiveBucket;
const problemsOf = (env: Record<string, string>) => configurationProblems(() => readClientConfig(env));

describe('a bucket for the archive', () => {
  test('with AWS needs its name alone: region and credentials are as AWS has them', () => {
    expect(bucketOf({ ARCHIVE_BUCKET: 's3://ace-onboarding' })).toEqual({
      bucket: 'ace-onboarding',
      prefix: '',
      endpoint: undefined,
      region: 'us-east-1',
      pathStyle: false,
      credentials: undefined,
    });
  });

  test('with another provider has its name in the path, unless told otherwise', () => {
    const other = {
      ARCHIVE_BUCKET: 's3://ace/clients/2026/',
      ARCHIVE_S3_ENDPOINT: 'https://objects.example',
      ARCHIVE_S3_ACCESS_KEY_ID: 'id',
      ARCHIVE_S3_SECRET_ACCESS_KEY: 'secret',
    };
    expect(bucketOf(other)).toMatchObject({
      bucket: 'ace',
      prefix: 'clients/2026/',
      pathStyle: true,
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    });
    expect(bucketOf({ ...other, ARCHIVE_S3_PATH_STYLE: 'false' })).toMatchObject({ pathStyle: false });
  });

  test('is not used without keys, since it is not on this machine', () => {
    expect(problemsOf({ ARCHIVE_BUCKET: 's3://ace-onboarding' }).join()).toMatch(/ENCRYPTION_KEYS is not set/);
    const local = { ARCHIVE_BUCKET: 's3://ace-onboarding', ARCHIVE_S3_ENDPOINT: 'http://127.0.0.1:9000' };
    expect(problemsOf(local)).toEqual([]);
  });

  test('is not spoken to in clear beyond this machine', () => {
    const beyond = {
      ENCRYPTION_KEYS: key,
      ARCHIVE_BUCKET: 's3://ace-onboarding',
      ARCHIVE_S3_ENDPOINT: 'http://minio.local:9000',
    };
    expect(problemsOf(beyond)).toEqual([expect.stringMatching(/ARCHIVE_S3_ENDPOINT is http at minio.local/)]);
  });

  test.each(['ace-onboarding', 's3://', 's3://Ace', 's3://ace/../x', 's3://ace//x', 'https://ace.s3.example'])(
    'is not called %s',
    (name) => {
      expect(problemsOf({ ENCRYPTION_KEYS: key, ARCHIVE_BUCKET: name }).join()).toMatch(/s3:\/\/BUCKET/);
    },
  );

  test('half configured is refused, whichever half', () => {
    const half = { ENCRYPTION_KEYS: key, ARCHIVE_BUCKET: 's3://ace', ARCHIVE_S3_ACCESS_KEY_ID: 'id' };
    expect(problemsOf(half)).toEqual([expect.stringMatching(/belong together/)]);
    const idle = { ARCHIVE_S3_ENDPOINT: 'https://objects.example' };
    expect(problemsOf(idle)).toEqual([expect.stringMatching(/ARCHIVE_BUCKET is not/)]);
  });
});
