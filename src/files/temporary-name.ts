import { createHash, randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * What a file is called while it is being written: `.<where>-<process id>-<random>.tmp`, so that it can be told whose it
 * is. A process id means one process only on one machine and, in containers, among the processes of one.
 */
export function temporaryName(): string {
  return `.${HERE}-${process.pid}-${randomBytes(9).toString('hex')}.tmp`;
}

const HERE = createHash('sha256').update(`${hostname()}\n${processNamespace()}`).digest('hex').slice(0, 12);

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return process.platform;
  }
}

/** The id of the process that writes it, where such ids mean here what they mean there. */
export function writerOf(name: string): number | undefined {
  const [, where, id] = /^\.([0-9a-f]{12})-(\d+)-[0-9a-f]+\.tmp$/.exec(name) ?? [];
  return where === HERE ? Number(id) : undefined;
}
