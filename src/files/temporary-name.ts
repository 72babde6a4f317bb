import { createHash, randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * The name of a file while it is being written: `.<where>-<process id>-<random>.tmp`, which tells who writes it. `where`
 * is the machine, or the container: a process id is only unique there.
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

/** The id of the process that writes the file; undefined if that process is on another machine or in another container. */
export function writerOf(name: string): number | undefined {
  const [, where, id] = /^\.([0-9a-f]{12})-(\d+)-[0-9a-f]+\.tmp$/.exec(name) ?? [];
  return where === HERE ? Number(id) : undefined;
}
