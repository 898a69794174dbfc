import { isDeepStrictEqual } from 'node:util';
import { array, check, constantFrom, integer, oneof, property, tuple, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { encodeDnsQuery, judgeDnsReply } from '../../../src/adapters/probes/dns.codec.ts';
import { maxBodyBytes, parseHttpReply } from '../../../src/adapters/probes/http.codec.ts';
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
