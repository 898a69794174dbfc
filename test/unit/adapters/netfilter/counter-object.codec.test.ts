import { describe, expect, test } from 'vitest';
import { decodeCounterObject, encodeCountersOf } from '../../../../src/adapters/netfilter/counter-object.codec.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/gu, ''), 'hex'));

/** NFT_MSG_NEWOBJ of `counter c { packets 3 bytes 252 }` in `table inet t`. */
const object = bytes(`
  01 00 0004 0600 0100 7400 0000 0600 0200 6300 0000 0800 0300 00000001 0800 0500 00000001
  1c00 0480 0c00 0100 00000000000000fc 0c00 0200 0000000000000003`);

describe('counters in nf_tables', () => {
  test('are asked for by table and kind', () => {
    expect(Buffer.from(encodeCountersOf('t')).toString('hex')).toBe('0100000006000100740000000800030000000001');
  });

  test('tell their name and their packets', () => {
    expect(decodeCounterObject(object, 't')).toEqual({ name: 'c', packets: 3 });
  });

  test('of another table are not ours', () => {
    expect(decodeCounterObject(object, 'other')).toBeNull();
  });

  test.each(Array.from({ length: object.length }, (_, length) => length))('cut after %i bytes are none', (length) => {
    const cut = decodeCounterObject(object.subarray(0, length), 't');
    expect(cut === null || cut.packets === 3).toBe(true);
    expect(() => decodeCounterObject(object.subarray(0, length), 't')).not.toThrow();
  });
});
