import { BlockList, isIPv4, isIPv6 } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
const LOOPBACK_6 = new BlockList();
LOOPBACK_6.addAddress('::1', 'ipv6');

/**
 * Whether a host name can only mean this machine: `localhost`, an address of 127.0.0.0/8 in its four plain numbers, or
 * `::1`, in brackets or not. Other names are never looked up, so never trusted. Nor are addresses that programs read
 * differently: `127.1`, `0x7f.0.0.1`, `127.0.0.01`, an IPv4 address inside of an IPv6 one, one with a zone.
 */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  // The lists read an address up to a NUL, and leave out a zone.
  const address = /^\[(.*)\]$/.exec(host)?.[1] ?? host;
  return (
    (isIPv4(host) && LOOPBACK.check(host)) ||
    (isIPv6(address) && !address.includes('%') && LOOPBACK_6.check(address, 'ipv6'))
  );
}
