import { describe, expect, test } from 'vitest';
import { encodeHttpRequest, maxBodyBytes, parseHttpReply } from '../../../../src/adapters/probes/http.codec.ts';
import { judgeHttpReply } from '../../../../src/adapters/probes/http.probe.ts';
import { milliseconds } from '../../../../src/model/units.ts';

const parse = (text: string, isEnded = false, needsBody = true) =>
  parseHttpReply(Buffer.from(text, 'latin1'), isEnded, needsBody);
const complete = (status: number, body = '') => ({ kind: 'complete', status, body });
const incomplete = { kind: 'incomplete' };

test('a request says nothing of the node that sends it', () => {
  expect(encodeHttpRequest('192.0.2.1', '/a?b')).toBe(
    'GET /a?b HTTP/1.1\r\nHost: 192.0.2.1\r\nUser-Agent: backhauld\r\nAccept: */*\r\nCache-Control: no-cache\r\n' +
      'Connection: close\r\n\r\n',
  );
});

/** `spare`: bytes at the end that need not be waited for. */
const wholes: readonly (readonly [what: string, text: string, status: number, body: string, spare: number])[] = [
  ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell', 200, 'well', 0],
  ['no content', 'HTTP/1.1 204 No Content\r\n\r\n', 204, '', 0],
  [
    'chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2;x=y\r\nwe\r\n2 \r\nll\r\n0\r\n\r\n',
    200,
    'well',
    2,
  ],
  ['an early hint', 'HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', 200, '', 0],
];

describe.each(wholes)('an answer with %s', (_what, text, status, body, spare) => {
  test('is read whole', () => {
    expect(parse(text)).toEqual(complete(status, body));
  });
  test('is incomplete at every earlier byte, and malformed when it ends there', () => {
    for (let length = 0; length < text.length - spare; length += 1) {
      expect(parse(text.slice(0, length)), `${length}`).toEqual(incomplete);
      expect(parse(text.slice(0, length), true), `${length}`).toHaveProperty('kind', 'malformed');
    }
  });
});

test('a body without a length lasts until the end', () => {
  const text = 'HTTP/1.0 200 OK\r\n\r\nall of it';
  expect(parse(text)).toEqual(incomplete);
  expect(parse(text, true)).toEqual(complete(200, 'all of it'));
});

test('where the body is not asked for, the head is enough', () => {
  expect(parse('HTTP/1.1 302 Found\r\nContent-Length: 99\r\n\r\n', false, false)).toEqual(complete(302));
});

test('of a long body only the beginning is looked at', () => {
  const long = 'x'.repeat(maxBodyBytes + 1);
  const expected = complete(200, 'x'.repeat(maxBodyBytes));
  expect(parse(`HTTP/1.1 200 OK\r\n\r\n${long}`)).toEqual(expected);
  expect(parse(`HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n${long}`)).toEqual(expected);
  expect(parse(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n${long}`)).toEqual(expected);
});

test.each([
  ['another protocol', 'SSH-2.0-OpenSSH\r\n'],
  ['another protocol that goes on', '220 mail ESMTP'],
  ['a status out of range', 'HTTP/1.1 700 What\r\n\r\n'],
  ['HTTP/2', 'HTTP/2 200\r\n\r\n'],
  ['a folded header', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n'],
  ['a header without a name', 'HTTP/1.1 200 OK\r\n: b\r\n\r\n'],
  ['headers without end', `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(20_000)}`],
  ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
  ['a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
  ['a chunk that is longer than it says', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n'],
])('%s is malformed, without waiting for the end', (_what, text) => {
  expect(parse(text)).toHaveProperty('kind', 'malformed');
});

describe('HLTH-2: what an answer says', () => {
  const target = {
    kind: 'http',
    text: 'http://192.0.2.1/',
    family: 'ipv4',
    address: '192.0.2.1',
    port: 80,
    path: '/',
    expectedStatus: 204,
    expectedBody: null,
  } as const;
  const times = { rtt: milliseconds(7), retransmitted: true };

  test('as expected: the round-trip time of the connection', () => {
    expect(judgeHttpReply(target, 204, '', times)).toEqual({ ok: true, ...times });
  });
  test.each([200, 301, 302, 307, 403, 404, 511])('%i where 204 was expected: a portal', (status) => {
    expect(judgeHttpReply(target, status, '', times)).toMatchObject({ failure: 'captivePortal' });
  });
  test.each([500, 502, 503, 504])('%i where 204 was expected: a server in trouble', (status) => {
    expect(judgeHttpReply(target, status, '', times)).toMatchObject({ failure: 'badAnswer' });
  });
  test('another body: a portal', () => {
    const withBody = { ...target, expectedStatus: 200, expectedBody: 'success' };
    expect(judgeHttpReply(withBody, 200, 'please log in', times)).toMatchObject({ failure: 'captivePortal' });
    expect(judgeHttpReply(withBody, 200, 'a success!', times)).toMatchObject({ ok: true });
  });
});
