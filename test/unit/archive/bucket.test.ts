import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBucketArchive } from '../../../src/archive/bucket.js';
import { openDirectoryArchive } from '../../../src/archive/directory.js';
import { openS3Server, type S3Server, s3IsPossible } from '../../support/s3-server.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';

const bytes = (text: string) => new TextEncoder().encode(text);

describe.skipIf(!s3IsPossible())('an archive in a bucket', () => {
  let s3: S3Server;
  beforeAll(async () => {
    s3 = await openS3Server();
  }, 600_000);
  afterAll(async () => {
    await s3?.stop();
  });

  it('is won by the creator whose answer was lost, so that someone wins', async () => {
    let lost = 0;
    let loses = false;
    const proxy = await startTcpProxy(s3.port, {
      toServer: (said) => {
        loses = said.startsWith('PUT') ? said.includes('/claims/') && lost === 0 : loses;
        return said;
      },
      toClient: (said) => {
        if (!loses) return said;
        lost += 1;
        queueMicrotask(() => proxy.cut());
        return undefined;
      },
    });
    try {
      const archive = await openBucketArchive(s3.place({ endpoint: `http://127.0.0.1:${proxy.port}` }));
      expect(await archive.createRecord('claims/ABC', { by: 'us' })).toEqual({ created: true });
      expect(lost).toBe(1);
      expect(await archive.createRecord('claims/ABC', { by: 'others' })).toMatchObject({ created: false });
    } finally {
      await proxy.close();
    }
  });

  it('a removal that the server carries out late does not remove what was created since', async () => {
    let held: string | undefined;
    const proxy = await startTcpProxy(s3.port, {
      toServer: (said) => {
        if (!said.startsWith('DELETE') || held !== undefined) return said;
        held = said;
        queueMicrotask(() => proxy.cut());
        return undefined;
      },
    });
    try {
      const place = s3.place({ endpoint: `http://127.0.0.1:${proxy.port}` });
      const archive = await openBucketArchive(place);
      await archive.createRecord('claims/ABC', { by: 'us' });
      await archive.removeRecord('claims/ABC');
      expect(await archive.createRecord('claims/ABC', { by: 'others' })).toEqual({ created: true });

      const answer = await sentAsItWas(s3.port, held ?? '');
      expect(answer).toMatch(/^HTTP\/1.1 \d{3}/);
      expect(await archive.readRecord('claims/ABC')).toEqual({ by: 'others' });
    } finally {
      await proxy.close();
    }
  });

  it('a removal leaves a record that was created again, and removes one that was replaced', async () => {
    let meanwhile: (() => Promise<void>) | undefined;
    const place = s3.place();
    const others = await openBucketArchive(place);
    const server = await serving(async (request, response) => {
      const change = meanwhile;
      meanwhile = undefined;
      if (request.method === 'DELETE') await change?.();
      else meanwhile = change;
      const passed = httpRequest(
        { port: s3.port, method: request.method, path: request.url, headers: request.headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        },
      );
      request.pipe(passed);
    });
    try {
      const archive = await openBucketArchive({ ...place, endpoint: server.place.endpoint });
      await archive.createRecord('claims/ABC', { by: 'us' });
      meanwhile = async () => {
        await others.removeRecord('claims/ABC');
        await others.createRecord('claims/ABC', { by: 'others' });
      };
      await archive.removeRecord('claims/ABC');
      expect(await others.readRecord('claims/ABC')).toEqual({ by: 'others' });

      meanwhile = () => others.replaceRecord('claims/ABC', { by: 'others', again: true });
      await archive.removeRecord('claims/ABC');
      expect(await others.readRecord('claims/ABC')).toBeUndefined();
    } finally {
      server.close();
    }
  });

  it('uses the same paths as files, so that it can be copied into a directory and back', async () => {
    const place = s3.place();
    const bucket = await openBucketArchive(place);
    const { sha256 } = await bucket.putDocument(bytes('hello'));
    await bucket.createRecord('claims/ABC', { reference: 'a' });
    const dir = await mkdtemp(path.join(tmpdir(), 'archive-'));
    try {
      await cp(s3.folderOf(place), dir, { recursive: true });
      const directory = await openDirectoryArchive(dir);
      expect(Buffer.from(await directory.getDocument(sha256)).toString()).toBe('hello');
      expect(await directory.readRecord('claims/ABC')).toEqual({ reference: 'a' });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  it('lists more than one page of records', async () => {
    const place = s3.place();
    const archive = await openBucketArchive(place);
    const names = Array.from({ length: 1_050 }, (_, index) => `review/${index}`);
    const records = path.join(s3.folderOf(place), 'records');
    await mkdir(path.join(records, 'review'), { recursive: true });
    await Promise.all(names.map((name) => writeFile(path.join(records, name), '{}')));
    const listed: string[] = [];
    for await (const name of archive.listRecords('review/')) listed.push(name);
    expect(new Set(listed)).toEqual(new Set(names));
  });

  it('does not list other objects as records', async () => {
    const place = s3.place();
    const archive = await openBucketArchive(place);
    await archive.createRecord('review/ours', {});
    for (const stray of ['.DS_Store', 'a copy (2)'])
      await writeFile(path.join(s3.folderOf(place), 'records/review', stray), 'not of ours');
    const listed: string[] = [];
    for await (const name of archive.listRecords('review/')) listed.push(name);
    expect(listed).toEqual(['review/ours']);
  });

  it.each([
    ['a bucket that does not exist', { bucket: 'nobodys' }, /NoSuchBucket/],
    [
      'wrong credentials',
      { credentials: { accessKeyId: 'the-worker', secretAccessKey: 'guessed' } },
      /SignatureDoesNotMatch/,
    ],
    ['nobody there', { endpoint: 'http://127.0.0.1:1' }, /ECONNREFUSED/],
  ])('says where it is and what to check with %s', async (_, changes, reason) => {
    const opened = openBucketArchive(s3.place(changes));
    await expect(opened).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('ARCHIVE_S3_ENDPOINT'),
    });
    await expect(opened).rejects.toThrow(reason);
  });
});

describe('a server that ignores If-None-Match', () => {
  it('is refused before anything is claimed there, because everyone would win every claim', async () => {
    const server = await serving((request, response) => request.resume().on('end', () => response.end()));
    try {
      await expect(openBucketArchive(server.place)).rejects.toMatchObject({ code: 'not-exclusive' });
    } finally {
      server.close();
    }
  });
});

describe('a server that starts an answer and then stalls', () => {
  it('causes an error after a while, not an endless wait', async () => {
    const server = await serving((request, response) => {
      if (request.method === 'GET') response.writeHead(200, { 'content-length': 100 }).write('{"by":');
      else request.resume().on('end', () => response.writeHead(412).end());
    });
    try {
      const archive = await openBucketArchive(server.place, { answerMs: 300 });
      await expect(archive.readRecord('claims/ABC')).rejects.toMatchObject({ code: 'unreachable' });
    } finally {
      server.close();
    }
  });
});

/** The server's answer to a request repeated byte for byte. */
async function sentAsItWas(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  socket.write(request, 'latin1');
  const [answer] = await once(socket, 'data');
  socket.destroy();
  return answer;
}

async function serving(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const place = {
    bucket: 'onboardings',
    prefix: '',
    region: 'us-east-1',
    pathStyle: true,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { place, close };
}
