import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** `/proc/net/tcp` has addresses as hexadecimal words in this machine's byte order. */
const LISTEN = '0A';

/** Where a process accepts TCP connections, as `address:port`. Linux only; undefined elsewhere. */
export function listeningOn(pid: number): string[] | undefined {
  if (process.platform !== 'linux') return undefined;
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(pid, fd))?.[1] ?? []),
  );
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[3] === LISTEN && sockets.has(columns[9] ?? ''))
      .map((columns) => readable(columns[1] ?? '')),
  );
}

/** Every process whose command line contains this text, such as its data folder. */
export function processesNaming(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => commandLineOf(pid).includes(text));
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // Ended meanwhile.
  }
}

function linkOf(pid: number, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return ''; // Closed meanwhile.
  }
}

function readable(hexadecimal: string): string {
  const [address = '', port = ''] = hexadecimal.split(':');
  const words = (address.match(/.{8}/g) ?? []).map((word) => Buffer.from(word, 'hex').reverse());
  const [first] = words;
  const name = words.length === 1 && first ? [...first].join('.') : ipv6(Buffer.concat(words).toString('hex'));
  return `${name}:${Number.parseInt(port, 16)}`;
}

function ipv6(digits: string): string {
  const mapped = /^0{20}f{4}(.{8})$/.exec(digits)?.[1];
  if (mapped) return [...Buffer.from(mapped, 'hex')].join('.');
  return digits === `${'0'.repeat(31)}1` ? '[::1]' : `[${digits}]`;
}

export const isOnLoopback = (address: string): boolean => /^(127\.\d+\.\d+\.\d+|\[::1\]):/.test(address);
