import { isDeepStrictEqual } from 'node:util';
import { array, check, constantFrom, integer, nat, oneof, property, record, tuple, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { encodeDnsQuery, judgeDnsReply, readDnsAddresses } from '../../../src/adapters/probes/dns.codec.ts';
import { maxBodyBytes, parseHttpReply } from '../../../src/adapters/probes/http.codec.ts';
import { formatAddress, parseAddress } from '../../../src/model/address.ts';
import { isEchoReply, withoutIpv4Header } from '../../../src/adapters/sockets/icmp.codec.ts';

const question = { id: 0x1234, name: 'example.com' };
const query = Buffer.from(encodeDnsQuery(question));

/** A well-formed reply with bytes changed, put in or cut off: it gets past the first checks. */
const mangled = array(uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 5 }).chain((parts) =>
  array(integer({ min: 0, max: 2 ** 20 - 1 }), { maxLength: 6 }).map((changes) => {
    const message = Buffer.concat([query, ...parts]);
    message.writeUInt16BE(0x8180, 2);
    message.writeUInt16BE(parts.length, 6);
    for (const change of changes) message[(change >> 8) % message.length] = change & 0xff;
    return message;
  }),
);

test('no datagram upsets the DNS decoder, and one with another id or question is never an answer', () => {
  const holds = property(oneof(mangled, uint8Array({ maxLength: 100 })), (message) => {
    const verdict = judgeDnsReply(message, question);
    const view = Buffer.from(message);
    const repeats =
      view.length >= query.length &&
      view.readUInt16BE(0) === question.id &&
      view.toString('latin1', 12, query.length).toLowerCase() === query.toString('latin1', 12);
    return ['foreign', 'answer', 'malformed', 'refused'].includes(verdict) && (verdict !== 'answer' || repeats);
  });
  expect(check(holds, { numRuns: 5000 })).toHaveProperty('counterexample', null);
});

test('whatever is judged an answer has its addresses read, each whole and once', () => {
  const holds = property(mangled, constantFrom('ipv4', 'ipv6'), (mangledReply, family) => {
    const asked = { ...question, family };
    const message = Buffer.from(mangledReply);
    message.writeUInt16BE(asked.family === 'ipv4' ? 1 : 28, query.length - 4);
    if (judgeDnsReply(message, asked) !== 'answer') return true;
    const { code, addresses, timeToLive } = readDnsAddresses(message, asked);
    const isRead = addresses.every((address) => parseAddress(address)?.family === asked.family);
    return isRead && new Set(addresses).size === addresses.length && timeToLive >= 0 && [0, 3].includes(code);
  });
  expect(check(holds, { numRuns: 5000 })).toHaveProperty('counterexample', null);
});

const addressRecord = record({
  family: constantFrom('ipv4' as const, 'ipv6' as const),
  bytes: uint8Array({ minLength: 16, maxLength: 16 }),
  ttl: nat(2 ** 31 - 1),
});

test('what a server writes is what is read: the addresses of the family, in their order, for the shortest TTL', () => {
  const holds = property(array(addressRecord, { maxLength: 8 }), constantFrom('ipv4', 'ipv6'), (records, family) => {
    const asked = { ...question, family };
    const message = Buffer.from(encodeDnsQuery(asked));
    message.writeUInt16BE(0x8180, 2);
    message.writeUInt16BE(records.length, 6);
    const written = records.map(({ family: own, bytes, ttl }) => {
      const data = Buffer.from(bytes.subarray(0, own === 'ipv4' ? 4 : 16));
      const fields = Buffer.from([0xc0, 12, 0, own === 'ipv4' ? 1 : 28, 0, 1, 0, 0, 0, 0, 0, data.length]);
      fields.writeUInt32BE(ttl, 6);
      return Buffer.concat([fields, data]);
    });
    const whole = Buffer.concat([message, ...written]);
    if (judgeDnsReply(whole, asked) !== 'answer') return false;
    const own = records.filter((each) => each.family === family);
    const expected = own.map(({ bytes }) =>
      family === 'ipv4' ? bytes.subarray(0, 4).join('.') : canonical(Buffer.from(bytes).toString('hex')),
    );
    const { addresses, timeToLive } = readDnsAddresses(whole, asked);
    return (
      isDeepStrictEqual(addresses, [...new Set(expected)]) &&
      timeToLive === Math.min(2 ** 31 - 1, ...own.map(({ ttl }) => ttl))
    );
  });
  expect(check(holds, { numRuns: 1000 })).toHaveProperty('counterexample', null);
});

function canonical(digits: string): string {
  const address = parseAddress((digits.match(/.{4}/gu) ?? []).join(':'));
  if (address === undefined) throw new Error(`${digits} is no address`);
  return formatAddress(address);
}

const httpHead = constantFrom(
  '',
  'HTTP/1.1 200 OK\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
);
const httpTail = array(
  oneof(
    constantFrom('HTTP/1.1 ', '200', '204', '100', ' OK', '\r\n', '\r\n\r\n', '\n', 'Content-Length: ', '3', '0'),
    constantFrom('Transfer-Encoding: chunked\r\n', 'ffffffff', ';', ':', ' ', 'a', '\0', 'HTTP/1.1 200 OK\r\n'),
    uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  ),
  { maxLength: 20 },
).map((parts) => Buffer.from(parts.join(''), 'latin1'));
const httpText = tuple(httpHead, httpTail).map(([head, tail]) => Buffer.concat([Buffer.from(head), tail]));

test('no answer upsets the HTTP parser; ended ones are never incomplete, and bodies stay small', () => {
  const holds = property(httpText, constantFrom(true, false), (bytes, needsBody) => {
    const ended = parseHttpReply(bytes, true, needsBody);
    const running = parseHttpReply(bytes, false, needsBody);
    const isSmall = ended.kind !== 'complete' || ended.body.length <= maxBodyBytes;
    return ended.kind !== 'incomplete' && isSmall && (running.kind === 'incomplete' || running.kind === ended.kind);
  });
  expect(check(holds, { numRuns: 5000 })).toHaveProperty('counterexample', null);
});

test('what is once complete or malformed stays so, whatever comes after it', () => {
  const holds = property(httpText, httpTail, (first, more) => {
    const before = parseHttpReply(first, false, true);
    const after = parseHttpReply(Buffer.concat([first, more]), false, true);
    return before.kind === 'incomplete' || isDeepStrictEqual(before, after);
  });
  expect(check(holds, { numRuns: 5000 })).toHaveProperty('counterexample', null);
});

test('no packet upsets the ICMP decoder, and none without our token is a reply', () => {
  const expected = { identifier: null, sequence: 7, token: Buffer.from('8 bytes!') };
  const holds = property(uint8Array({ maxLength: 60 }), (packet) => {
    const message = withoutIpv4Header(packet) ?? packet;
    return !isEchoReply('ipv4', message, expected) || Buffer.from(message).includes(expected.token);
  });
  expect(check(holds, { numRuns: 5000 })).toHaveProperty('counterexample', null);
});
