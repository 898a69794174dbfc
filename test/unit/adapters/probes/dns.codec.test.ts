import { expect, test } from 'vitest';
import { encodeDnsQuery, judgeDnsReply } from '../../../../src/adapters/probes/dns.codec.ts';

const question = { id: 0x1234, name: 'Example.com' };
const query = encodeDnsQuery(question);

/** A reply to the query: flags, counts, and what follows the question. */
function reply(flags: number, records: number, rest: readonly number[] = []): Buffer {
  const message = Buffer.concat([query, Buffer.from(rest)]);
  message.writeUInt16BE(flags, 2);
  message.writeUInt16BE(records, 6);
  return message;
}
const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1];

test('a query is what RFC 1035 says', () => {
  expect(Buffer.from(query).toString('hex')).toBe('123401000001000000000000074578616d706c6503636f6d0000010001');
});

test('an address is an answer, and that there is none, and that there is no such name', () => {
  expect(judgeDnsReply(reply(0x8180, 1, record), question)).toBe('answer');
  expect(judgeDnsReply(reply(0x8180, 0), question)).toBe('answer');
  expect(judgeDnsReply(reply(0x8183, 0), question)).toBe('answer');
});

test('the letters of the name may come back in another case', () => {
  const message = reply(0x8180, 0);
  message.write('eXAMPLE', 13);
  expect(judgeDnsReply(message, question)).toBe('answer');
});

test.each([
  ['FORMERR', 1],
  ['SERVFAIL', 2],
  ['NOTIMP', 4],
  ['REFUSED', 5],
])('%s is no answer', (_name, code) => {
  expect(judgeDnsReply(reply(0x8180 | code, 0), question)).toBe('refused');
});

test('a refusal may leave the question out', () => {
  const message = reply(0x8181, 0).subarray(0, 12);
  message.writeUInt16BE(0, 4);
  expect(judgeDnsReply(message, question)).toBe('refused');
});

test.each([
  ['another id', (m: Buffer) => m.writeUInt16BE(0x1235, 0)],
  ['a query', (m: Buffer) => m.writeUInt16BE(0x0100, 2)],
  ['another operation', (m: Buffer) => m.writeUInt16BE(0xa980, 2)],
  ['another name', (m: Buffer) => m.write('f', 13)],
  ['another type', (m: Buffer) => m.writeUInt16BE(28, query.length - 4)],
  ['two questions', (m: Buffer) => m.writeUInt16BE(2, 4)],
])('a message with %s is not for us', (_what, change) => {
  const message = reply(0x8180, 0);
  change(message);
  expect(judgeDnsReply(message, question)).toBe('foreign');
});

test('records that are cut, and names that cannot be, are malformed', () => {
  for (let length = 1; length < record.length; length += 1) {
    expect(judgeDnsReply(reply(0x8180, 1, record.slice(0, length)), question)).toBe('malformed');
  }
  expect(judgeDnsReply(reply(0x8180, 1), question)).toBe('malformed');
  expect(judgeDnsReply(reply(0x8180, 1, [0x80, ...record.slice(1)]), question)).toBe('malformed');
});
