import type { Requests } from '../netlink/ffi/requests.ts';
import { decodeCounterObject, encodeCountersOf, getObjects } from './counter-object.codec.ts';
import { trafficTable } from './traffic.ruleset.ts';

/** An object of the table as it was last told. */
interface Told {
  readonly bytes: Uint8Array;
  readonly counter: ReturnType<typeof decodeCounterObject>;
}

const allCounters = encodeCountersOf(trafficTable);

/**
 * Reads all counters of the table, twice a second at least. Most of the time none of them has moved, and to compare the
 * bytes of an object costs a fraction of what its meaning does: only what differs from the last reading is decoded.
 */
export class PacketCounts {
  readonly #requests: Pick<Requests, 'dump'>;
  #told: readonly Told[] = [];
  #packets: ReadonlyMap<string, number> = new Map();

  constructor(requests: Pick<Requests, 'dump'>) {
    this.#requests = requests;
  }

  /** Packets by the counter's name; the very same map as long as nothing is different. Empty when they cannot be read. */
  read(): ReadonlyMap<string, number> {
    let place = 0;
    const answer = this.#requests.dump(getObjects, allCounters, ({ payload }): Told => {
      const before = this.#told[place++];
      if (before !== undefined && Buffer.compare(before.bytes, payload) === 0) return before;
      // The payload lies in a buffer that is read into again.
      return { bytes: payload.slice(), counter: decodeCounterObject(payload, trafficTable) };
    });
    const told = 'values' in answer ? answer.values : [];
    if (told.length === this.#told.length && told.every((each, at) => each === this.#told[at])) return this.#packets;
    this.#told = told;
    this.#packets = new Map(
      told.flatMap(({ counter }) => (counter === null ? [] : [[counter.name, counter.packets] as const])),
    );
    return this.#packets;
  }
}
