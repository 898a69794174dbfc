import { expect, test } from 'vitest';
import { nftString } from '../../../../src/adapters/netfilter/nft-string.ts';

test('a name is written as it is, and never as something else', () => {
  expect(nftString('wlé#0.1,~%')).toBe('"wlé#0.1,~%"');
  for (const name of ['a" accept', 'a\\', 'wl*', 'a\nb']) expect(() => nftString(name)).toThrow(RangeError);
});
