import { expect, test } from 'vitest';
import { isLoopback } from '../../../src/config/loopback.js';

test.each(['localhost', '127.0.0.1', '127.0.0.53', '127.255.255.254', '::1', '[::1]', '0:0:0:0:0:0:0:1'])(
  '%s is this machine',
  (host) => {
    expect(isLoopback(host)).toBe(true);
  },
);

test.each([
  // Out of range, or read as octal, hexadecimal or shortened by some programs only.
  ...['127.999.999.999', '127.0.0.256', '127.1', '127.0.1', '127', '2130706433'],
  ...['0x7f.0.0.1', '0x7f000001', '0177.0.0.1', '127.0.0.01', '127.00.0.1', '127.0.0.1 ', ' 127.0.0.1', '127.0.0.1.'],
  ...['126.255.255.255', '128.0.0.1', '0.0.0.0', '10.0.0.1', '192.168.0.1'],
  ...['::', '::2', '[::]', '::ffff:127.0.0.1', '[::ffff:127.0.0.1]', '::127.0.0.1', '::1%eth0', '[::1', '::1]'],
  ...['[127.0.0.1]', '[[::1]]', '[localhost]', '[]'],
  ...['127.0.0.1\0.evil.example', '127.0.0.1\0', '::1\0', '[::1\0.evil.example]', 'localhost\0'],
  ...['LOCALHOST', 'localhost.', 'localhost.evil.example', 'localhost.localdomain', '127.0.0.1.evil.example', ''],
])('%j is not this machine', (host) => {
  expect(isLoopback(host)).toBe(false);
});
