import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aliasAddress, aliasTokenIn, isReplyAlias, newAliases } from '../../../../src/mail/outgoing/reply-alias.js';

const PATTERN = 'ace+{token}@broker.example';

test('a token survives the trip into an address and back, whatever a mail program does to its case', () => {
  const { cbp, client } = newAliases();
  expect(cbp).toMatch(/^[a-z2-7]{16}$/);
  expect(cbp).not.toBe(client);
  const address = aliasAddress(PATTERN, cbp);
  expect(aliasTokenIn(PATTERN, address)).toBe(cbp);
  expect(aliasTokenIn(PATTERN, ` ${address.toUpperCase()} `)).toBe(cbp);
});

test.each([
  'ace@broker.example',
  'ace+@broker.example',
  'ace+short@broker.example',
  'ace+abcdefghijklmnop@broker.example.evil.example',
  'x-ace+abcdefghijklmnop@broker.example',
  'ace+abcdefghijklmno1@broker.example',
  'ace+abcdefghijklmnop+x@broker.example',
])('%s is not an alias', (address) => {
  expect(aliasTokenIn(PATTERN, address)).toBeUndefined();
});

test('new tokens do not repeat', () => {
  const tokens = new Set(Array.from({ length: 2_000 }, () => Object.values(newAliases())).flat());
  expect(tokens.size).toBe(4_000);
});

const TOKEN = 'abcdefghijklmnop';

describe('an alias that a mail system wrapped or escaped is still that alias', () => {
  test.each([
    'prvs=0123456789=ace+abcdefghijklmnop@broker.example',
    'prvs=ace+abcdefghijklmnop/0123456789@broker.example',
    'msprvs1=18999abcdef=ace+abcdefghijklmnop@broker.example',
    'btv1==0123456789==ace+abcdefghijklmnop@broker.example',
    'SRS0=x9Yz=QT=broker.example=ace+abcdefghijklmnop@forwarder.example',
    'SRS0+x9Yz=QT=broker.example=ace+abcdefghijklmnop@forwarder.example',
    'srs0-x9yz=qt=broker.example=ace+abcdefghijklmnop@forwarder.example',
    'SRS1=Ab12=forwarder.example==x9Yz=QT=broker.example=ace+abcdefghijklmnop@second.example',
    'SRS1=Ab12=forwarder.example=+x9Yz=QT=broker.example=ace+abcdefghijklmnop@second.example',
    'SRS0=x9Yz=QT=broker.example=prvs=0123456789=ace+abcdefghijklmnop@forwarder.example',
    'ace%2Babcdefghijklmnop@broker.example',
    'ace%2babcdefghijklmnop%40broker.example',
    '"ace+abcdefghijklmnop"@broker.example',
    'prvs%3D0123456789%3Dace%2Babcdefghijklmnop@broker.example',
  ])('%s', (address) => {
    expect(aliasTokenIn(PATTERN, address)).toBe(TOKEN);
    expect(isReplyAlias(address, `ace+${TOKEN}@broker.example`)).toBe(true);
    expect(isReplyAlias(address, TOKEN, PATTERN)).toBe(true);
    expect(isReplyAlias(address, TOKEN)).toBe(true);
    expect(isReplyAlias(address, TOKEN.replace('a', 'b'), PATTERN)).toBe(false);
  });
});

describe("a wrapped stranger's address stays the stranger's", () => {
  test.each([
    'prvs=0123456789=ace+abcdefghijklmnop@evil.example',
    'SRS0=x9Yz=QT=evil.example=ace+abcdefghijklmnop@broker.example',
    'SRS1=Ab12=broker.example==x9Yz=QT=evil.example=ace+abcdefghijklmnop@broker.example',
    'SRS0=x9Yz=QT=broker.example.evil.example=ace+abcdefghijklmnop@broker.example',
    'SRS0=x9Yz=QT=broker.example=mace+abcdefghijklmnop@forwarder.example',
    'ace+abcdefghijklmnop%40broker.example@evil.example',
    'ace+abcdefghijklmnop@broker.example%40evil.example',
    '"ace+abcdefghijklmnop@broker.example"@evil.example',
    'ace+abcdefghijklmnop=broker.example@evil.example',
    'prvs=0123456789=@broker.example',
    'srs0=x=y=broker.example=@forwarder.example',
  ])('%s', (address) => {
    expect(aliasTokenIn(PATTERN, address)).toBeUndefined();
    expect(isReplyAlias(address, `ace+${TOKEN}@broker.example`)).toBe(false);
    expect(isReplyAlias(address, TOKEN, PATTERN)).toBe(false);
  });

  test('whatever domain it has, and however often it is wrapped', () => {
    const domain = fc.domain().filter((name) => name.toLowerCase() !== 'broker.example');
    const layers = fc.array(fc.constantFrom('batv', 'srs'), { maxLength: 3 });
    fc.assert(
      fc.property(domain, layers, (foreign, wraps) => {
        const wrapped = wraps.reduce((address, kind) => {
          const [local = '', at = ''] = address.split('@');
          return kind === 'batv' ? `prvs=0123456789=${local}@${at}` : `SRS0=x9Yz=QT=${at}=${local}@broker.example`;
        }, `ace+${TOKEN}@${foreign}`);
        expect(aliasTokenIn(PATTERN, wrapped)).toBeUndefined();
      }),
    );
  });
});
