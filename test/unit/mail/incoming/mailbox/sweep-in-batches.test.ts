import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { ImapSession } from '../../../../../src/mail/incoming/mailbox/imap-session.js';
import type { Disposition, MailReceiver } from '../../../../../src/mail/incoming/mailbox/mail-receiver.js';
import { FolderSweep } from '../../../../../src/mail/incoming/mailbox/sweep-folder.js';
import { MailFolders } from './mail-folders.js';

const OPTIONS = { mailbox: 'main', folder: 'INBOX', processed: 'Processed', review: 'Review' };
const DONE: Disposition = { to: 'processed', outcome: 'signalled' };

function inboxOf(count: number): MailFolders {
  const folders = new MailFolders();
  for (let i = 0; i < count; i += 1) folders.put(`Subject: ${i}\n\nhello\n`);
  return folders;
}

test('while a batch is judged, only one more is fetched, and nothing is moved before it is done', async () => {
  const folders = inboxOf(350);
  const session = folders.session();
  const sources = vi.spyOn(session, 'sources');
  const held: (() => void)[] = [];
  let open = false;
  const settled = new Set<string>();
  const receiver: MailReceiver = {
    async receive({ raw }) {
      if (!open) await new Promise<void>((resolve) => held.push(resolve));
      settled.add(Buffer.from(raw).toString());
      return DONE;
    },
  };
  const move: ImapSession['move'] = async (uids, to) => {
    for (const raw of (await session.sources(uids)).values()) expect(settled).toContain(raw.toString());
    return await folders.session().move(uids, to);
  };
  const sweeping = new FolderSweep(receiver).sweep({ ...session, move }, OPTIONS);
  await vi.waitFor(() => expect(sources).toHaveBeenCalledTimes(2));
  for (let turn = 0; turn < 50; turn += 1) await nextTurn();
  expect(sources).toHaveBeenCalledTimes(2);
  expect(folders.contents('Processed')).toEqual([]);
  open = true;
  for (const go of held) go();
  expect(await sweeping).toMatchObject({ signalled: 350, unmovable: 0 });
  expect(folders.contents('Processed')).toHaveLength(350);
});

test('one command runs at a time, because a move may have another folder open', async () => {
  const folders = inboxOf(350);
  const session = folders.session();
  let underWay = 0;
  const alone =
    <A extends unknown[], T>(command: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      underWay += 1;
      expect(underWay).toBe(1);
      await nextTurn();
      const answer = await command(...args);
      underWay -= 1;
      return answer;
    };
  const { describe, sources, header, move } = session;
  const commands = {
    describe: alone(describe),
    sources: alone(sources),
    header: alone(header),
    move: alone(move),
  };
  const receiver: MailReceiver = { receive: async () => DONE };
  const report = await new FolderSweep(receiver).sweep({ ...session, ...commands }, OPTIONS);
  expect(report).toMatchObject({ signalled: 350, unmovable: 0 });
});

test.each(['first', 'last'])(
  'a message that ends the connection each time it is fetched, the %s in the inbox, holds up no other',
  async (place) => {
    const folders = new MailFolders();
    const poison = () => folders.poisonous.add(folders.put('Subject: poison\n\n!\n'));
    if (place === 'first') poison();
    for (let i = 0; i < 250; i += 1) folders.put(`Subject: ${i}\n\nhello\n`);
    if (place === 'last') poison();
    const received: string[] = [];
    const sweep = new FolderSweep({
      async receive({ raw }) {
        received.push(Buffer.from(raw).toString());
        return DONE;
      },
    });
    // Together, then alone, then alone after the others.
    for (let attempt = 1; attempt <= 4; attempt += 1)
      await sweep.sweep(mortal(folders.session()), OPTIONS).catch(() => undefined);
    expect(folders.contents('Processed')).toHaveLength(250);
    expect(new Set(received).size).toBe(received.length);
    expect(await sweep.sweep(mortal(folders.session()), OPTIONS)).toMatchObject({ unfetchable: 1 });
  },
);

/** A session in which every command fails after the first failure. */
function mortal(session: ImapSession): ImapSession {
  let dead = false;
  const living =
    <A extends unknown[], T>(command: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      if (dead) throw new Error('hung up');
      try {
        return await command(...args);
      } catch (error) {
        dead = true;
        throw error;
      }
    };
  const { describe, sources, header, move } = session;
  return {
    ...session,
    describe: living(describe),
    sources: living(sources),
    header: living(header),
    move: living(move),
  };
}
