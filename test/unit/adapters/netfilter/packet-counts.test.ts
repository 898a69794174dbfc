import { expect, test } from 'vitest';
import { PacketCounts } from '../../../../src/adapters/netfilter/packet-counts.ts';
import { trafficTable } from '../../../../src/adapters/netfilter/traffic.ruleset.ts';
import { concatenate, encodeAttribute, encodeName } from '../../../../src/adapters/netlink/codec/attribute.codec.ts';
import type { NetlinkMessage } from '../../../../src/adapters/netlink/codec/message.codec.ts';
import type { Requests } from '../../../../src/adapters/netlink/ffi/requests.ts';

/** NFT_MSG_NEWOBJ of one named counter. */
const counter = (name: string, packets: number): Uint8Array => {
  const value = new Uint8Array(8);
  new DataView(value.buffer).setBigUint64(0, BigInt(packets));
  return concatenate(
    Uint8Array.of(1, 0, 0, 0),
    encodeAttribute(1, encodeName(trafficTable)),
    encodeAttribute(2, encodeName(name)),
    encodeAttribute(4, encodeAttribute(2, value)),
  );
};

/** What nf_tables answers, datagram by datagram into one buffer, as a socket does; the attempts before the last are interrupted. */
class Answers implements Pick<Requests, 'dump'> {
  attempts: readonly (readonly Uint8Array[])[] | null = [];
  readonly #buffer = new Uint8Array(256);

  dump<T>(
    _type: number,
    _payload: Uint8Array,
    decode: (message: NetlinkMessage) => T | null,
  ):
    | (ReturnType<Requests['dump']> & { readonly values: readonly T[] })
    | { readonly errno: number; readonly message: null } {
    if (this.attempts === null) return { errno: 1, message: null };
    let values: T[] = [];
    for (const attempt of this.attempts) {
      values = attempt.flatMap((bytes) => {
        this.#buffer.set(bytes);
        return decode({ type: 0, flags: 0, sequence: 0, payload: this.#buffer.subarray(0, bytes.length) }) ?? [];
      });
    }
    return { values };
  }
}

const opened = (...counters: readonly Uint8Array[]) => {
  const answers = new Answers();
  answers.attempts = [counters];
  return { answers, counts: new PacketCounts(answers) };
};

test('what each counter says is told by its name, again and again', () => {
  const { answers, counts } = opened(counter('a', 3), counter('b', 2 ** 40));
  expect([...counts.read()]).toEqual([
    ['a', 3],
    ['b', 2 ** 40],
  ]);
  answers.attempts = [[counter('a', 4), counter('b', 2 ** 40)]];
  expect([...counts.read()]).toEqual([
    ['a', 4],
    ['b', 2 ** 40],
  ]);
});

test('the very same map is given as long as nothing has moved', () => {
  const { answers, counts } = opened(counter('a', 3), counter('b', 5));
  const before = counts.read();
  expect(counts.read()).toBe(before);
  answers.attempts = [[counter('a', 3)]];
  expect([...counts.read()]).toEqual([['a', 3]]);
  answers.attempts = [[counter('a', 3), counter('b', 5)]];
  expect([...counts.read()]).toEqual([
    ['a', 3],
    ['b', 5],
  ]);
});

test('a reading that the kernel interrupted counts nothing twice', () => {
  const { answers, counts } = opened(counter('a', 3), counter('b', 5));
  const before = counts.read();
  answers.attempts = [[counter('a', 3)], [counter('a', 3), counter('b', 5)]];
  expect([...counts.read()]).toEqual([...before]);
});

test('nothing is told when nothing can be read, and all of it when it can again', () => {
  const { answers, counts } = opened(counter('a', 3));
  counts.read();
  answers.attempts = null;
  expect(counts.read().size).toBe(0);
  answers.attempts = [[counter('a', 3)]];
  expect([...counts.read()]).toEqual([['a', 3]]);
});
