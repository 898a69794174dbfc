/** Places for name servers that are held in memory, and a journal beside them. */
import type { DnsJournal, DnsReading, DnsTarget } from '../../src/effects/ports.ts';
import { dnsPlaceKey, type DnsManager, type DnsPlace, type DnsRecord, type DnsValue } from '../../src/model/dns.ts';
import type { Problem } from '../../src/model/errors.ts';
import { done, type OperationResult } from '../../src/model/network.ts';

export class FakePlaces implements DnsTarget {
  readonly file = '/etc/resolv.conf';
  readonly #manager: DnsManager;
  readonly #values = new Map<string, DnsValue>();
  /** Writes are never made, and reject: the process ends there. */
  isDead = false;
  /** What writes come to; null: they are made. */
  failure: OperationResult | null = null;
  /** Where set, every place is left alone for this reason. */
  obstacle: Problem | null = null;
  /** What was asked for, in order. */
  readonly writes: { readonly place: DnsPlace; readonly value: DnsValue }[] = [];

  constructor(
    manager: DnsManager,
    uplinks: readonly { readonly index: number; readonly name: string }[],
    values: readonly DnsValue[] = [],
  ) {
    this.#manager = manager;
    const places: readonly DnsPlace[] =
      manager === 'file'
        ? [{ manager, linkIndex: 0, name: this.file }]
        : uplinks.map(({ index, name }) => ({ manager, linkIndex: index, name }));
    for (const [at, place] of places.entries()) this.#values.set(dnsPlaceKey(place), values[at] ?? null);
  }

  manager(): { readonly manager: DnsManager; readonly problem: null } {
    return { manager: this.#manager, problem: null };
  }

  all(): ReadonlyMap<string, DnsValue> {
    return new Map(this.#values);
  }

  valueAt(place: DnsPlace): DnsValue {
    return this.#values.get(dnsPlaceKey(place)) ?? null;
  }

  /** Someone else writes there. */
  overwrite(place: DnsPlace, value: DnsValue): void {
    this.#values.set(dnsPlaceKey(place), value);
  }

  read(place: DnsPlace): DnsReading {
    if (this.obstacle !== null) return { problem: this.obstacle, isGone: false };
    return this.#values.has(dnsPlaceKey(place)) ? { value: this.valueAt(place) } : { problem: null, isGone: true };
  }

  async write(place: DnsPlace, value: DnsValue): Promise<OperationResult> {
    this.writes.push({ place, value });
    if (this.failure !== null) return Promise.resolve(this.failure);
    if (this.isDead) throw new Error('killed');
    this.#values.set(dnsPlaceKey(place), value);
    return Promise.resolve(done);
  }
}

export function memoryDnsJournal(): DnsJournal {
  const records = new Map<string, DnsRecord>();
  return {
    records,
    put(record) {
      records.set(dnsPlaceKey(record), record);
      return done;
    },
    remove(record) {
      records.delete(dnsPlaceKey(record));
      return done;
    },
  };
}
