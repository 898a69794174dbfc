import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { lookUp, type LookupOutcome, type NameServer } from '../../../../src/adapters/probes/name-lookup.ts';
import { failureOf } from '../../../../src/adapters/sockets/socket-failures.ts';
import type { Family } from '../../../../src/model/family.ts';
import { a, aaaa, answerTo, cname, FakeSockets } from './fake-sockets.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const server = (address: string): NameServer => ({ family: 'ipv4', address, source: '10.0.2.5' });

/** A lookup that has begun. */
function begin(servers: readonly NameServer[] = [server('10.0.2.1')], family: Family = 'ipv4') {
  const sockets = new FakeSockets();
  const outcomes: LookupOutcome[] = [];
  const eth0 = { index: 2, name: 'eth0' };
  const end = lookUp(sockets, { interface: eth0, servers, name: 'www.example.com', family }, (outcome) =>
    outcomes.push(outcome),
  );
  const ask = (position: number) => sockets.theAsked(position);
  return { sockets, outcomes, end, ask };
}

const because = ([outcome]: readonly LookupOutcome[]): string =>
  outcome === undefined ? 'nothing' : outcome.ok ? outcome.address : `${outcome.failure}: ${outcome.message}`;

describe('HLTH-2: a name is asked for by the uplink that is probed', () => {
  test('from its address, of its own name server, in the words of the family', () => {
    const { sockets, ask, outcomes } = begin();
    expect(ask(0).path).toEqual({ family: 'ipv4', interface: { index: 2, name: 'eth0' }, source: '10.0.2.5' });
    expect(ask(0).peer).toEqual({ address: '10.0.2.1', port: 53 });
    expect(ask(0).datagram.subarray(-4)).toEqual(Buffer.from([0, 1, 0, 1]));
    ask(0).answer(answerTo(ask(0).datagram, [cname(60), a('192.0.2.7', 3000), a('192.0.2.8', 3000)]));
    expect(outcomes).toEqual([{ ok: true, address: '192.0.2.7', timeToLive: 60, server: '10.0.2.1' }]);
    expect(sockets.asked).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('an IPv6 address by AAAA, also of a name server that has IPv4 alone', () => {
    const { ask, outcomes } = begin([server('10.0.2.1')], 'ipv6');
    expect(ask(0).datagram.subarray(-4)).toEqual(Buffer.from([0, 28, 0, 1]));
    ask(0).answer(answerTo(ask(0).datagram, [a('192.0.2.7'), aaaa(7)]));
    expect(because(outcomes)).toBe('2001:db8::7');
  });

  test('the next server is asked beside one that is silent, and whoever answers first is believed', () => {
    const { ask, outcomes, sockets } = begin([server('10.0.2.1'), server('10.0.2.2')]);
    vi.advanceTimersByTime(699);
    expect(sockets.asked).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(ask(1).peer.address).toBe('10.0.2.2');
    ask(0).answer(answerTo(ask(0).datagram, [a('192.0.2.7')]));
    expect(because(outcomes)).toBe('192.0.2.7');
    expect(sockets.asked.map(({ isEnded }) => isEnded)).toEqual([true, true]);
    ask(1).answer(answerTo(ask(1).datagram, [a('192.0.2.9')]));
    expect(outcomes).toHaveLength(1);
  });

  test('a lone server is asked again, four times in all', () => {
    const { sockets, outcomes, end } = begin();
    vi.advanceTimersByTime(60_000);
    expect(sockets.asked.map(({ peer }) => peer.address)).toEqual(Array.from({ length: 4 }, () => '10.0.2.1'));
    expect(outcomes).toEqual([]);
    end();
    expect(sockets.asked.every(({ isEnded }) => isEnded)).toBe(true);
  });

  test('the next one is asked at once when a server says no, is broken, or is not there', () => {
    const { ask, outcomes } = begin(['10.0.2.1', '10.0.2.2', '10.0.2.3'].map(server));
    ask(0).answer(answerTo(ask(0).datagram, [], 2));
    ask(1).answer(answerTo(ask(1).datagram, [a('192.0.2.7')]).subarray(0, -2));
    ask(2).fail(failureOf('refused', '10.0.2.3 by eth0: ECONNREFUSED'));
    expect(because(outcomes)).toBe(
      'unresolved: www.example.com cannot be resolved by the name servers of eth0: 10.0.2.3 by eth0: ECONNREFUSED',
    );
    expect(vi.getTimerCount()).toBe(0);
  });

  test('garbage, and answers to other questions, are passed over', () => {
    const { ask, outcomes } = begin();
    const other = Buffer.from(ask(0).datagram);
    other.writeUInt16BE((other.readUInt16BE(0) + 1) % 0x1_0000, 0);
    for (const noise of [Buffer.alloc(0), Buffer.from('garbage'), answerTo(other, [a('192.0.2.66')])])
      ask(0).answer(noise);
    expect(outcomes).toEqual([]);
    ask(0).answer(answerTo(ask(0).datagram, [a('192.0.2.7')]));
    expect(because(outcomes)).toBe('192.0.2.7');
  });

  test.each([
    ['there is no such name', [], 3, /10\.0\.2\.1 says that there is no such name$/],
    ['no address', [], 0, /10\.0\.2\.1 knows no IPv4 address of it$/],
    ['an address of the other family', [aaaa(1)], 0, /knows no IPv4 address of it$/],
    ['an alias alone', [cname(5)], 0, /knows no IPv4 address of it$/],
    ['this host', [a('127.0.0.1')], 0, /answers 127\.0\.0\.1: a loopback address says nothing/],
    ['nobody', [a('0.0.0.0')], 0, /answers 0\.0\.0\.0: an unspecified address/],
  ] as const)('%s is the last word', (_what, records, code, message) => {
    const { ask, outcomes, sockets } = begin([server('10.0.2.1'), server('10.0.2.2')]);
    ask(0).answer(answerTo(ask(0).datagram, records, code));
    expect(outcomes).toMatchObject([
      { ok: false, failure: 'unresolved', message: expect.stringMatching(message) as unknown },
    ]);
    expect(sockets.asked).toHaveLength(1);
  });

  test('an address that leads nowhere is passed over for one that leads somewhere', () => {
    const { ask, outcomes } = begin();
    ask(0).answer(answerTo(ask(0).datagram, [a('127.0.0.1'), a('192.0.2.7')]));
    expect(because(outcomes)).toBe('192.0.2.7');
  });

  test('without any server it fails at once', () => {
    const { outcomes } = begin([]);
    expect(because(outcomes)).toMatch(/^unresolved: .*none is known$/u);
  });

  test('what this node cannot do is no evidence about the uplink', () => {
    const { ask, outcomes } = begin();
    ask(0).fail(failureOf('internal', 'EMFILE'));
    expect(because(outcomes)).toMatch(/^internal: /u);
  });
});
