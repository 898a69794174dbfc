import { expect, test } from 'vitest';
import { seconds } from '../../../src/model/units.ts';
import { growth } from '../../../src/streams/counter-growth.ts';

const wrap32 = 2 ** 32;

test.each([
  ['has grown', 1000, 1500, 500],
  ['stands still', 1000, 1000, 0],
  ['began anew', 1_000_000, 400, 400],
  ['has wrapped at 2³²', wrap32 - 1000, 500, 1500],
  ['began anew shortly after 3 GB', 3e9, 500, 500],
  // Of counters this large a double holds every 2048th.
  ['has wrapped at 2⁶⁴', 2 ** 64 - 4096, 2048, 6144],
  ['began anew beyond 2³²', 2 ** 40, 7, 7],
])('TETH-4: a counter that %s: from %d to %d are %d', (_, before, now, expected) => {
  expect(growth(before, now, seconds(1))).toBe(expected);
});

test('TETH-4: what could not have passed in the time is no wrap', () => {
  const before = wrap32 - 400_000_000;
  expect(growth(before, 100, seconds(0))).toBe(100);
  expect(growth(before, 100, seconds(4))).toBe(400_000_100);
});
