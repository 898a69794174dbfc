import { describe, expect, test } from 'vitest';
import { decodeSocket, encodeSocketEnd, encodeSocketsFrom } from '../../../../src/adapters/flows/socket-diag.codec.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/gu, ''), 'hex'));
const hex = (some: Uint8Array | null): string => Buffer.from(some ?? []).toString('hex');

/** struct inet_diag_sockid: ports, source, destination, device, cookie. */
const identity = (source: string, destination: string, { port = '1b58', device = '00000000' } = {}): string =>
  `9cf1 ${port} ${source.padEnd(32, '0')} ${destination.padEnd(32, '0')} ${device} e903000000000000`;
const ipv4 = identity('0a090901', '0a090902');
/** struct inet_diag_msg, as the kernel wrote it: established, inode 6219891. */
const message = (family: string, socket: string, more = ''): Uint8Array =>
  bytes(`${family} 010000 ${socket} 00000000 00000000 00000000 00000000 73e85e00 ${more}`);
const mapped = '00000000000000000000ffff';
/** INET_DIAG_ULP_INFO of a subflow of MPTCP with these flags. */
const subflow = (flags: string): string => `1c00 1300 0a00 0100 6d70746370000000 0c00 0300 0800 0800 ${flags}`;

describe('sockets', () => {
  test('are asked for by their source: connected ones only', () => {
    expect(hex(encodeSocketsFrom('tcp', 'ipv4', '10.9.9.1'))).toBe(
      `020600003e0b0000${'00'.repeat(48)}14000100${'07100014'.replace('0014', '1400')}02200000ffffffff0a090901`,
    );
    expect(encodeSocketsFrom('udp', 'ipv6', '2001:db8::1')?.subarray(0, 2)).toEqual(Uint8Array.of(10, 17));
    expect(encodeSocketsFrom('tcp', 'ipv4', 'nonsense')).toBeNull();
  });

  test('tell their ends, their device and their inode', () => {
    expect(decodeSocket(message('02', ipv4))).toMatchObject({
      source: '10.9.9.1',
      destination: '10.9.9.2',
      boundTo: 0,
      inode: 6219891,
      isSubflow: false,
    });
    const bound = identity('0a090901', '0a090902', { device: '0b000000' });
    expect(decodeSocket(message('02', bound))?.boundTo).toBe(11);
  });

  test('of IPv6 tell an IPv4 flow by its IPv4 addresses', () => {
    const socket = decodeSocket(message('0a', identity(`${mapped}0a090901`, `${mapped}0a090902`)));
    expect([socket?.source, socket?.destination, socket?.socketFamily]).toEqual(['10.9.9.1', '10.9.9.2', 10]);
    const own = decodeSocket(message('0a', identity('20010db8', '20010db8')));
    expect(own?.source).toBe('2001:db8::');
  });

  test('without a far end are none', () => {
    expect(decodeSocket(message('02', identity('0a090901', '00000000', { port: '0000' })))).toBeNull();
    expect(decodeSocket(message('01', ipv4))).toBeNull();
  });

  test.each([
    ['has joined', '04000000', true],
    ['is the first of an MPTCP connection', '01000000', true],
    ['has fallen back to TCP', '02000000', false],
  ])('one that %s is a subflow: %s, %s', (_, flags, isSubflow) => {
    expect(decodeSocket(message('02', ipv4, subflow(flags)))?.isSubflow).toBe(isSubflow);
  });

  test('are ended by their whole identity, cookie included', () => {
    const socket = decodeSocket(message('02', ipv4));
    expect(socket === null ? '' : hex(encodeSocketEnd('udp', socket))).toBe(
      `021100003e0b0000${ipv4.replaceAll(' ', '')}`,
    );
  });

  test('cut anywhere are none', () => {
    const whole = message('02', ipv4);
    for (let length = 0; length < whole.length; length++) {
      expect(decodeSocket(whole.subarray(0, length))).toBeNull();
    }
  });
});
