import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { NameServer } from '../../../../src/adapters/probes/name-lookup.ts';
import { NameResolver, type Resolution } from '../../../../src/adapters/probes/name-resolver.ts';
import type { UplinkPath } from '../../../../src/adapters/sockets/uplink-sockets.ts';
import type { Problem } from '../../../../src/model/errors.ts';
import { a, answerTo, FakeSockets, type AnswerRecord } from './fake-sockets.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const pathOf = (index: number, source = `10.0.${index}.5`): UplinkPath => ({
  family: 'ipv4',
  interface: { index, name: `eth${index}` },
  source,
});
const name = 'www.example.com';

function bench(servers: readonly NameServer[] = [{ family: 'ipv4', address: '10.0.2.1', source: '10.0.2.5' }]) {
  const sockets = new FakeSockets();
  const problems: Problem[] = [];
  const solved: Problem[] = [];
  const resolver = new NameResolver(sockets, {
    source: { of: async () => servers },
    onProblem: (problem) => problems.push(problem),
    onSolved: (problem) => solved.push(problem),
  });
  const results: Resolution[] = [];
  const resolve = (path = pathOf(2), host = name) => resolver.resolve(path, host, (result) => results.push(result));
  /** Answers whatever was asked last. */
  const answer = async (records: readonly AnswerRecord[], code = 0): Promise<void> => {
    await vi.advanceTimersByTimeAsync(0);
    const asked = sockets.theAsked(-1);
    asked.answer(answerTo(asked.datagram, records, code));
  };
  return { sockets, problems, solved, resolver, results, resolve, answer };
}

describe('HLTH-2: what a name server said', () => {
  test('holds for that uplink and address alone', async () => {
    const { sockets, resolve, answer, results } = bench();
    resolve();
    await answer([a('192.0.2.7')]);
    expect(results).toMatchObject([{ ok: true, address: '192.0.2.7' }]);
    resolve();
    expect(results).toHaveLength(2);
    for (const path of [pathOf(3), pathOf(2, '10.0.2.6')]) resolve(path);
    resolve(pathOf(2), 'ftp.example.com');
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets.asked).toHaveLength(4);
  });

  test('is asked for once by many at a time, and given up when the last of them gives up', async () => {
    const { sockets, resolve, answer, results } = bench();
    const [one, two] = [resolve(), resolve()];
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets.asked).toHaveLength(1);
    one();
    expect(sockets.asked[0]?.isEnded).toBe(false);
    two();
    expect(sockets.asked[0]?.isEnded).toBe(true);
    resolve();
    await answer([a('192.0.2.7')]);
    expect(sockets.asked).toHaveLength(2);
    expect(results).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('nobody is asked when all have given up before it was known whom to ask', async () => {
    const { sockets, resolve } = bench();
    resolve()();
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets.asked).toEqual([]);
  });

  test.each([
    [1, 60],
    [600, 600],
    [2 ** 31 - 1, 3600],
    [2 ** 32 - 1, 3600],
  ])('with a TTL of %d s holds for %d s, and is asked for anew a little before', async (ttl, seconds) => {
    const { sockets, resolve, answer, results } = bench();
    resolve();
    await answer([a('192.0.2.7', ttl)]);
    await vi.advanceTimersByTimeAsync(800 * seconds - 1000);
    resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2000);
    resolve();
    expect(results).toHaveLength(3);
    resolve();
    await answer([a('192.0.2.8', ttl)]);
    expect(sockets.asked).toHaveLength(2);
    resolve();
    expect(results.at(-1)).toMatchObject({ address: '192.0.2.8' });
    await vi.advanceTimersByTimeAsync(1000 * seconds);
    resolve();
    expect(results).toHaveLength(5);
  });

  test('a refresh that nobody answers ends by itself, and spoils nothing', async () => {
    const { sockets, resolve, answer, results, problems } = bench();
    resolve();
    await answer([a('192.0.2.7', 60)]);
    await vi.advanceTimersByTimeAsync(50_000);
    resolve();
    await vi.advanceTimersByTimeAsync(3000);
    expect(sockets.asked.slice(1).every(({ isEnded }) => isEnded)).toBe(true);
    resolve();
    await answer([], 3);
    expect(results.at(-1)).toMatchObject({ ok: true });
    expect(problems).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('HLTH-2: a name that cannot be resolved', () => {
  test('is told of once, in whatever way it fails, and again when it is well', async () => {
    const { resolver, resolve, answer, results, problems, solved } = bench();
    resolve();
    await answer([], 3);
    expect(results).toMatchObject([{ ok: false, failure: 'unresolved' }]);
    resolve();
    await answer([], 2);
    expect(resolver.noteSilence(pathOf(2), name)).toMatchObject({ ok: false, failure: 'unresolved' });
    expect(problems).toMatchObject([{ code: 'probe.unresolved', subject: 'www.example.com (IPv4) by eth2' }]);
    expect(problems[0]?.message).toContain('10.0.2.1 says that there is no such name');
    resolve();
    await answer([a('192.0.2.7')]);
    expect(solved).toEqual(problems);
  });

  test('is told of for each uplink, until that is gone', async () => {
    const { resolver, resolve, answer, problems, solved } = bench();
    for (const index of [2, 3]) {
      resolve(pathOf(index));
      await answer([], 3);
    }
    expect(problems).toHaveLength(2);
    resolver.forget(3);
    expect(solved).toEqual([problems[1]]);
    resolver.forget(3);
    expect(solved).toHaveLength(1);
  });

  test('with no server known is said to be so, and nothing is sent', async () => {
    const { sockets, resolve, results } = bench([]);
    resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(results).toMatchObject([
      { ok: false, failure: 'unresolved', message: expect.stringContaining('none is known') as unknown },
    ]);
    expect(sockets.asked).toEqual([]);
  });
});

test.each(['10.1.2.3', '172.31.0.1', '192.168.1.1', '100.64.0.1'])(
  'HLTH-2: the private address %s is used, and told of: a portal may be behind it',
  async (address) => {
    const { resolve, answer, results, problems, solved } = bench();
    resolve();
    await answer([a(address)]);
    expect(results).toMatchObject([{ ok: true, address }]);
    expect(problems).toMatchObject([
      { code: 'probe.privateAddress', message: expect.stringContaining(address) as unknown },
    ]);
    await vi.advanceTimersByTimeAsync(400_000);
    resolve();
    await answer([a('192.0.2.7')]);
    expect(solved).toEqual(problems);
  },
);
