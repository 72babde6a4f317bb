import { describe, expect, test } from 'vitest';
import { type ClientConfig, readClientConfig } from '../../../src/config/read-config.js';
import { newKey } from '../../../src/encryption/keyring.js';
import { configurationProblems } from '../../support/configuration-problems.js';

const key = newKey();
const bucketOf = (env: Record<string, string>): ClientConfig['archiveBucket'] =>
  readClientConfig({ ENCRYPTION_KEYS: key, ...env }).archiveBucket;
const problemsOf = (env: Record<string, string>) => configurationProblems(() => readClientConfig(env));

describe('an archive in a bucket', () => {
  test('on AWS needs only the name of the bucket', () => {
    expect(bucketOf({ ARCHIVE_BUCKET: 's3://ace-onboarding' })).toEqual({
      bucket: 'ace-onboarding',
      prefix: '',
      endpoint: undefined,
      region: 'us-east-1',
      pathStyle: false,
      credentials: undefined,
    });
  });

  test('with another provider has the name of the bucket in the path by default', () => {
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

  test('needs encryption keys unless the bucket is on this machine', () => {
    expect(problemsOf({ ARCHIVE_BUCKET: 's3://ace-onboarding' }).join()).toMatch(/ENCRYPTION_KEYS is not set/);
    const local = { ARCHIVE_BUCKET: 's3://ace-onboarding', ARCHIVE_S3_ENDPOINT: 'http://127.0.0.1:9000' };
    expect(problemsOf(local)).toEqual([]);
  });

  test('needs https unless the bucket is on this machine', () => {
    const beyond = {
      ENCRYPTION_KEYS: key,
      ARCHIVE_BUCKET: 's3://ace-onboarding',
      ARCHIVE_S3_ENDPOINT: 'http://minio.local:9000',
    };
    expect(problemsOf(beyond)).toEqual([expect.stringMatching(/ARCHIVE_S3_ENDPOINT is http at minio.local/)]);
  });

  test.each(['ace-onboarding', 's3://', 's3://Ace', 's3://ace/../x', 's3://ace//x', 'https://ace.s3.example'])(
    'is refused when the bucket is %s',
    (name) => {
      expect(problemsOf({ ENCRYPTION_KEYS: key, ARCHIVE_BUCKET: name }).join()).toMatch(/s3:\/\/BUCKET/);
    },
  );

  test('is refused when half of the settings are missing', () => {
    const half = { ENCRYPTION_KEYS: key, ARCHIVE_BUCKET: 's3://ace', ARCHIVE_S3_ACCESS_KEY_ID: 'id' };
    expect(problemsOf(half)).toEqual([expect.stringMatching(/belong together/)]);
    const idle = { ARCHIVE_S3_ENDPOINT: 'https://objects.example' };
    expect(problemsOf(idle)).toEqual([expect.stringMatching(/ARCHIVE_BUCKET is not/)]);
  });
});
