import { BlockList, isIPv4, isIPv6 } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
const LOOPBACK_6 = new BlockList();
LOOPBACK_6.addAddress('::1', 'ipv6');

/**
 * Whether a host name can only mean this machine: `localhost`, an address in 127.0.0.0/8 as four plain numbers, or `::1`
 * with or without brackets. Other names are not looked up, so they are not trusted. Neither are addresses that different
 * programs read differently: `127.1`, `0x7f.0.0.1`, `127.0.0.01`, IPv4 inside IPv6, or an address with a zone.
 */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  // BlockList stops reading at a NUL and ignores a zone.
  const address = /^\[(.*)\]$/.exec(host)?.[1] ?? host;
  return (
    (isIPv4(host) && LOOPBACK.check(host)) ||
    (isIPv6(address) && !address.includes('%') && LOOPBACK_6.check(address, 'ipv6'))
  );
}
