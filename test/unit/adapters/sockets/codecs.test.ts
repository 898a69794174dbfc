import { expect, test } from 'vitest';
import { encodeEchoRequest, isEchoReply, withoutIpv4Header } from '../../../../src/adapters/sockets/icmp.codec.ts';
import { socketAddress } from '../../../../src/adapters/sockets/socket-address.ts';
import { socketFailure, wayFailure } from '../../../../src/adapters/sockets/socket-failures.ts';

const hex = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString('hex');
const echo = { identifier: 0x1234, sequence: 7, token: Buffer.from('token') };

test('addresses are laid out as the kernel reads them', () => {
  expect(hex(socketAddress('192.0.2.1', 53))).toBe('02000035c00002010000000000000000');
  expect(hex(socketAddress('2001:db8::1', 443))).toBe('0a0001bb0000000020010db800000000000000000000000100000000');
  expect(socketAddress('example.com', 53)).toBeNull();
});

test('an echo request sums up to what RFC 1071 asks for', () => {
  const message = Buffer.from(encodeEchoRequest('ipv4', echo));
  let sum = 0;
  for (const [position, byte] of message.entries()) sum += position % 2 === 0 ? byte << 8 : byte;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  expect(sum).toBe(0xffff);
  expect(message[0]).toBe(8);
  expect(encodeEchoRequest('ipv6', echo)[0]).toBe(128);
});

test('only the reply to this request is taken for it', () => {
  const reply = Buffer.from(encodeEchoRequest('ipv4', echo));
  reply[0] = 0;
  const isReply = (change: (message: Buffer) => void, identifier: number | null = echo.identifier) => {
    const message = Buffer.from(reply);
    change(message);
    return isEchoReply('ipv4', message, { ...echo, identifier });
  };
  expect(isReply(() => undefined)).toBe(true);
  expect(isReply((message) => (message[0] = 8))).toBe(false);
  expect(isReply((message) => (message[1] = 1))).toBe(false);
  expect(isReply((message) => message.writeUInt16BE(1, 4))).toBe(false);
  expect(isReply((message) => message.writeUInt16BE(1, 4), null)).toBe(true);
  expect(isReply((message) => message.writeUInt16BE(8, 6))).toBe(false);
  expect(isReply((message) => message.write('other', 8))).toBe(false);
  expect(isEchoReply('ipv4', reply.subarray(0, 10), echo)).toBe(false);
});

test('the IPv4 header is taken off, options and all', () => {
  const packet = Buffer.concat([Buffer.from([0x46]), Buffer.alloc(23), Buffer.from('rest')]);
  expect(Buffer.from(withoutIpv4Header(packet) ?? []).toString()).toBe('rest');
  expect(withoutIpv4Header(packet.subarray(0, 20))).toBeNull();
  expect(withoutIpv4Header(Buffer.from([0x60]))).toBeNull();
  expect(withoutIpv4Header(Buffer.alloc(0))).toBeNull();
});

test('an error that is not known is one of this program', () => {
  expect(socketFailure('EHOSTUNREACH', 'x')).toEqual({ ok: false, failure: 'unreachable', message: 'x: EHOSTUNREACH' });
  expect(socketFailure('EWHAT', 'x')).toMatchObject({ failure: 'internal' });
  expect(wayFailure('EWHAT', 'x')).toMatchObject({ failure: 'internal' });
});

test('a refusal to open a socket is a missing privilege, a refusal to send says that the way is closed', () => {
  expect(['EPERM', 'EACCES'].map((code) => socketFailure(code, 'x').failure)).toEqual(['notPermitted', 'notPermitted']);
  expect(['EPERM', 'EACCES', 'EINVAL'].map((code) => wayFailure(code, 'x').failure)).toEqual(
    Array.from({ length: 3 }).fill('unreachable'),
  );
});
