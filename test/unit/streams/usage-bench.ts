import { from, merge, Subject } from 'rxjs';
import { defaultMeteredPolicy, unrestrictedPolicy, type UplinkPolicy } from '../../../src/model/config.ts';
import { identityOf } from '../../../src/model/identity.ts';
import type { InterfaceFacts } from '../../../src/model/interface.ts';
import type { LinkCounters } from '../../../src/model/kernel.ts';
import { bytes, instant } from '../../../src/model/units.ts';
import type { UsageRecord } from '../../../src/model/usage.ts';
import type { InterfaceEvent } from '../../../src/streams/interface.stream.ts';
import { UsageLedger, type Continuity } from '../../../src/streams/usage-ledger.ts';
import { UsageMeter } from '../../../src/streams/usage-meter.ts';
import { withUsage, type BudgetEvent } from '../../../src/streams/usage.stream.ts';
import { facts } from '../machines/examples.ts';

export const phone = (index: number, name = 'usb0'): InterfaceFacts =>
  facts({
    index,
    name,
    device: {
      driver: 'rndis_host',
      deviceType: null,
      bus: 'usb',
      usb: { serial: 'R58M123', port: '1-1', vendorId: '04e8', productId: '6863', interfaceClass: 'e0' },
    },
  });

export const budget = 1_000_000;
const metered: UplinkPolicy = { ...defaultMeteredPolicy, budget: bytes(budget), timeZone: 'UTC' };

interface Start {
  readonly record?: UsageRecord | null;
  readonly continuity?: Continuity;
  /** What is there when the program comes. */
  readonly present?: readonly InterfaceFacts[];
  readonly counters?: ReadonlyMap<number, LinkCounters>;
  readonly wall?: number;
  readonly policy?: UplinkPolicy;
}

/** The meter behind its stream, with a kernel of numbers; whatever is called usb… is metered, 1 MB a month. */
export class UsageBench {
  readonly counters: Map<number, LinkCounters>;
  readonly final = new Map<number, LinkCounters>();
  readonly reads: number[] = [];
  readonly told: (BudgetEvent | InterfaceEvent)[] = [];
  readonly ledger: UsageLedger;
  wall: number;
  policy: UplinkPolicy;
  now = 0;
  readonly #interfaces$ = new Subject<InterfaceEvent>();
  readonly #looks$ = new Subject<number>();

  constructor({ record = null, continuity = 'unrelated', present = [], counters, wall, policy = metered }: Start = {}) {
    this.counters = new Map([...present.map(({ index }) => [index, carried(0, 0)] as const), ...(counters ?? [])]);
    this.wall = wall ?? Date.UTC(2026, 10, 5);
    this.policy = policy;
    this.ledger = new UsageLedger(record, continuity);
    const meter = new UsageMeter({
      ledger: this.ledger,
      counters: {
        counters: (index) => {
          this.reads.push(index);
          return this.counters.get(index) ?? null;
        },
        finalCounters: (index) => this.final.get(index) ?? null,
      },
      wall: () => this.wall,
      meteringOf: (found) =>
        found.name.startsWith('ignored')
          ? null
          : { identity: identityOf(found), policy: found.name.startsWith('usb') ? this.policy : unrestrictedPolicy },
    });
    const found$ = from(
      present.map((one): InterfaceEvent => ({ type: 'interface.found', facts: one, at: instant(0) })),
    );
    withUsage(merge(found$, this.#interfaces$), meter, this.#looks$).subscribe((event) => this.told.push(event));
  }

  find(found: InterfaceFacts, counters: LinkCounters = carried(0, 0)): void {
    this.counters.set(found.index, counters);
    this.#interfaces$.next({ type: 'interface.found', facts: found, at: instant(this.now) });
  }

  change(changed: InterfaceFacts): void {
    this.#interfaces$.next({ type: 'interface.changed', facts: changed, at: instant(this.now) });
  }

  /** Pulled out: the kernel says for the last time what it carried, or does not. */
  lose(index: number, says = true): void {
    const last = this.counters.get(index);
    if (says && last !== undefined) this.final.set(index, last);
    this.counters.delete(index);
    this.#interfaces$.next({ type: 'interface.lost', index, at: instant(this.now) });
  }

  carry(index: number, received: number, sent = 0): void {
    const before = this.counters.get(index) ?? carried(0, 0);
    this.counters.set(index, carried(before.receivedBytes + received, before.sentBytes + sent));
  }

  /** Time goes by, with a look each half second, as the watch on the uplinks has it. */
  pass(seconds: number): void {
    for (let looks = 0; looks < 2 * seconds; looks++) {
      this.now += 500;
      this.wall += 500;
      this.#looks$.next(this.now);
    }
  }

  get levels(): readonly string[] {
    return this.told.flatMap((event) =>
      event.type === 'budget.changed'
        ? [`${event.index} ${event.level}${event.isKnown === true ? ', known' : ''}`]
        : [],
    );
  }

  used(identity = 'usb serial R58M123'): number | undefined {
    return this.ledger.budgets(this.wall).find((each) => each.identity === identity)?.usedBytes;
  }
}

export const carried = (receivedBytes: number, sentBytes: number): LinkCounters => ({
  receivedPackets: 0,
  sentPackets: 0,
  receivedBytes,
  sentBytes,
});
