import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { workflowIdOf } from '../../../src/application/reference.js';
import type { Application } from '../../../src/client.js';
import { MAIL_NAME_HEADER, mailName } from '../../../src/mail/outgoing/message-id.js';
import { CLIENT_TEMPLATES } from '../../../src/workflows/contract/mail-activities.js';
import { CHECKOUT } from '../../support/checkout.js';
import { attachmentOf } from '../people/cbp-desk.js';
import { CBP_USER, headerOf, messageIdOf, OTHERS_USER, serverIdOf } from '../world/mailboxes.js';
import type { World } from '../world/world.js';
import type { Facts } from './judge.js';

type MailFacts = Pick<
  Facts,
  'acceptedForCbp' | 'inCbpMailbox' | 'notices' | 'sentToBroker' | 'brokerFolders' | 'queued'
>;

/** What the mail server and the mailboxes have. */
export async function mailFacts(world: World, clients: readonly Application[]): Promise<MailFacts> {
  const { dovecot, smtpd, cbp, mailboxes } = world;
  const log = await smtpd.log();
  const envelopes = [...log.matchAll(/ smtp envelope evpid=([0-9a-f]{8})[0-9a-f]{8} from=<[^>]*> to=<([^>]*)>/g)];
  const isForCbp = (address = '') => address.toLowerCase() === cbp.address.toLowerCase();
  const names = noticeNames(clients);
  const broker = path.join(dovecot.dir, 'mail', 'ace');
  const idsIn = async (folder: string) => (await messagesIn(path.join(broker, folder))).map(messageIdOf);
  return {
    acceptedForCbp: envelopes.filter(([, , to]) => isForCbp(to)).map(([, id = '']) => id),
    inCbpMailbox: (await messagesIn(path.join(dovecot.dir, 'mail', CBP_USER))).map((raw) => ({
      serverId: serverIdOf(raw),
      reference: attachmentOf(raw),
    })),
    notices: (await messagesIn(path.join(dovecot.dir, 'mail', OTHERS_USER))).flatMap((raw) => {
      const name = headerOf(raw, MAIL_NAME_HEADER);
      const known = names.get(name);
      return known ? [{ serverId: serverIdOf(raw), to: headerOf(raw, 'Delivered-To'), name, ...known }] : [];
    }),
    sentToBroker: [...mailboxes.sent],
    brokerFolders: { inbox: await idsIn('.'), processed: await idsIn('.Processed'), review: await idsIn('.Review') },
    queued: (await smtpd.queued()).length,
  };
}

async function messagesIn(folder: string): Promise<Buffer[]> {
  const files = ['new', 'cur'].map(async (part) => {
    const at = path.join(folder, part);
    return await Promise.all((await readdir(at).catch(() => [])).map((file) => readFile(path.join(at, file))));
  });
  return (await Promise.all(files)).flat();
}

/** More notices of one kind than a case sends in a run. */
const MAX_ORDINAL = 20;

/** A header names each notice; it says nothing about the client to anyone else. */
function noticeNames(clients: readonly Application[]) {
  const names = new Map<string, { template: string; reference: string }>();
  for (const { reference } of clients)
    for (const template of [...CLIENT_TEMPLATES, 'task'])
      for (let ordinal = 1; ordinal <= MAX_ORDINAL; ordinal++)
        names.set(mailName(workflowIdOf(reference), { kind: 'notice', template, ordinal }), { template, reference });
  return names;
}

const { WorkflowTaskFailedCause } = temporal.api.enums.v1;

/** Every failed workflow task of every workflow, with the cause as Temporal names it. */
export async function failedTasks(client: Client): Promise<Facts['failedTasks']> {
  const found: Facts['failedTasks'] = [];
  for await (const { workflowId, runId } of client.workflow.list()) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const { workflowTaskFailedEventAttributes: failed } of events ?? []) {
      if (!failed) continue;
      const cause = (WorkflowTaskFailedCause[failed.cause ?? 0] ?? '').replace('WORKFLOW_TASK_FAILED_CAUSE_', '');
      found.push({ workflowId, cause, message: failed.failure?.message ?? '' });
    }
  }
  return found;
}

/** What `ace-onboarding archive orphans` lists. It asks no server. */
export async function orphansOf(settings: Record<string, string>): Promise<string[]> {
  const command = [path.join(CHECKOUT, 'bin/ace-onboarding.mjs'), 'archive', 'orphans', '--json'];
  const env = { PATH: process.env.PATH, ...settings };
  const { stdout } = await promisify(execFile)(process.execPath, command, {
    cwd: CHECKOUT,
    env,
    maxBuffer: 1 << 26,
  }).catch((error: Error & { stdout?: string }) => {
    // It also exits with an error when it found some.
    if (error.stdout?.includes('"orphans"')) return { stdout: error.stdout };
    throw error;
  });
  const { orphans } = JSON.parse(stdout) as { orphans: { name: string; bytes: number; storedAt: string }[] };
  return orphans.map(({ name, bytes, storedAt }) => `${name} (${bytes} bytes, stored ${storedAt})`);
}
