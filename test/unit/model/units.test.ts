import { describe, expect, test } from 'vitest';

import {
  bitsPerSecond,
  bytes,
  formatBytes,
  formatDuration,
  formatRate,
  milliseconds,
  parseBytes,
  parseDuration,
  parseRate,
} from '../../../src/model/units.ts';

describe('durations', () => {
  test.each([
    ['250ms', 250],
    ['15s', 15_000],
    ['1.5s', 1500],
    ['5m', 300_000],
    ['24h', 86_400_000],
    ['30 d', 2_592_000_000],
  ])('%s is %i ms', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  test.each(['', '15', 's', '15 parsecs', '-5s', '1e3s', 'NaNs', '15s 3ms', '9'.repeat(30) + 's'])(
    '"%s" is none',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  test('are written in the largest unit that keeps them whole', () => {
    expect([0, 250, 1500, 15_000, 90_000, 86_400_000].map((value) => formatDuration(milliseconds(value)))).toEqual([
      '0s',
      '250ms',
      '1500ms',
      '15s',
      '90s',
      '1d',
    ]);
  });
});

describe('amounts of data and rates', () => {
  test('a GB is 10⁹ bytes and a GiB 2³⁰', () => {
    expect(parseBytes('1 GB')).toBe(1e9);
    expect(parseBytes('1 GiB')).toBe(2 ** 30);
    expect(parseBytes('0.5 kB')).toBe(500);
    expect(parseBytes('0.5 KB')).toBe(500);
    expect(parseBytes('1 XB')).toBeUndefined();
  });

  test('rates are read in bits per second', () => {
    expect(parseRate('5 Mbit/s')).toBe(5e6);
    expect(parseRate('5 MB/s')).toBeUndefined();
  });

  test.each(['1024 MB', '1.5 GB', '1.25 GB', '5 GiB', '2.5 GiB', '512 kB', '999 B', '0 B', '50 MB', '1 TiB'])(
    'who chose %s reads that',
    (text) => {
      expect(formatBytes(parseBytes(text) ?? bytes(-1))).toBe(text);
    },
  );

  test('what is written is read back', () => {
    for (const value of [0, 1, 999, 1000, 1024, 1_073_741_823, 1_073_741_824, 5e9, 9_007_199_254_740_991])
      expect(parseBytes(formatBytes(bytes(value)))).toBe(value);
    for (const value of [1, 1000, 5e6, 1e9, 1234]) expect(parseRate(formatRate(bitsPerSecond(value)))).toBe(value);
  });
});
