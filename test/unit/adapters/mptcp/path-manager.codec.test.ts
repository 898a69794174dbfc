import { describe, expect, test } from 'vitest';
import {
  decodeEndpoint,
  decodeFamily,
  decodeLimits,
  encodeAnnouncement,
  encodeFamilyRequest,
  encodeLimits,
  encodeWithdrawal,
} from '../../../../src/adapters/mptcp/path-manager.codec.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/gu, ''), 'hex'));
const hex = (some: Uint8Array | null): string => Buffer.from(some ?? []).toString('hex');

describe('the path manager of MPTCP', () => {
  test('is found by its name', () => {
    expect(hex(encodeFamilyRequest())).toBe('030100000d0002006d707463705f706d00000000');
    expect(decodeFamily(bytes('01020000 0600 0100 2000 0000'))).toBe(32);
    expect(decodeFamily(bytes('01020000'))).toBeNull();
  });

  test('is told an address as one for subflows that wait in reserve, with its link', () => {
    expect(hex(encodeAnnouncement({ id: 255, address: '192.168.101.2' }, 11))).toBe(
      '01010000 2c000180 06000100 02000000 05000200 ff000000 08000300 c0a86502 08000600 06000000 08000700 0b000000'.replaceAll(
        ' ',
        '',
      ),
    );
    expect(encodeAnnouncement({ id: 1, address: 'nonsense' }, 11)).toBeNull();
  });

  test('is told an address that is none any more by its id', () => {
    expect(hex(encodeWithdrawal({ id: 0, address: '2001:db8::2' }))).toBe(
      '02010000 28000180 06000100 0a000000 05000200 00000000 14000400 20010db8000000000000000000000002'.replaceAll(
        ' ',
        '',
      ),
    );
  });

  test('tells its endpoints: what was announced is read back', () => {
    for (const address of ['192.168.101.2', '2001:db8::2']) {
      expect(decodeEndpoint(encodeAnnouncement({ id: 7, address }, 3) ?? new Uint8Array())).toEqual({ id: 7, address });
    }
    expect(decodeEndpoint(bytes('01010000'))).toBeNull();
  });

  test('tells its limits: what was written is read back', () => {
    const limits = { acceptedAddresses: 1, subflows: 8 };
    expect(decodeLimits(encodeLimits(limits))).toEqual(limits);
    expect(decodeLimits(bytes('05010000'))).toBeNull();
  });
});
