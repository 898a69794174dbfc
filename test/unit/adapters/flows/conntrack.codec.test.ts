import { describe, expect, test } from 'vitest';
import {
  decodeConnection,
  encodeConnectionEnd,
  encodeConnectionsOf,
} from '../../../../src/adapters/flows/conntrack.codec.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/gu, ''), 'hex'));
const hex = (some: Uint8Array): string => Buffer.from(some).toString('hex');

const tuple = (type: string, source: string, destination: string): string =>
  `2400 ${type} 1400 0180 0800 0100 ${source} 0800 0200 ${destination} 0c00 0280 0500 0100 11000000`;
const original = tuple('0180', '0a4d0002', 'cb00710a');
const id = '0800 0c00 0000002a';
const entry = bytes(`02 00 0000 ${original} ${tuple('0280', 'cb00710a', 'c0a86502')} ${id}`);

describe('tracked connections', () => {
  test('are asked for by family', () => {
    expect(hex(encodeConnectionsOf('ipv6'))).toBe('0a000000');
  });

  test('tell who began them, whom they were meant for, and where the answers go', () => {
    expect(decodeConnection(entry)).toMatchObject({
      family: 'ipv4',
      source: '10.77.0.2',
      destination: '203.0.113.10',
      replyDestination: '192.168.101.2',
    });
  });

  test('are ended by the very tuple and id that the kernel told', () => {
    const decoded = decodeConnection(entry);
    expect(decoded === null ? '' : hex(encodeConnectionEnd(decoded))).toBe(
      `02000000${original.replaceAll(' ', '')}${id.replaceAll(' ', '')}`,
    );
  });

  test('cut anywhere are none, or what they were', () => {
    for (let length = 0; length < entry.length; length++) {
      const cut = decodeConnection(entry.subarray(0, length));
      expect(cut === null || cut.replyDestination === '192.168.101.2').toBe(true);
    }
  });
});
