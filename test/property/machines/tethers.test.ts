import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InterfaceFacts } from '../../../src/model/interface.ts';
import type { TetherStatus } from '../../../src/model/tether.ts';
import { address } from '../../unit/machines/examples.ts';
import { android, lease, managedFacts, phone, PhoneBench } from '../../unit/machines/phone-bench.ts';

/** What becomes of a phone: how quickly its link comes up, whether a server answers it, and whether it is online. */
const fates = fc.record({
  upAfter: fc.constantFrom(0, 400, 3000, null),
  leaseAfter: fc.constantFrom(0, 900, 8000, 29_000, null),
  answersAfter: fc.constantFrom(0, 1200, 14_000, 40_000, null),
  isManaged: fc.constantFrom(false, false, false, true),
  unpluggedAfter: fc.constantFrom(null, null, null, 0, 500, 5000, 35_000),
});
type Fate = Parameters<Parameters<typeof fates.map>[0]>[0];

const indexes = Array.from({ length: 10 }, (_, i) => i + 10);
const step = 100;
const duration = 60_000;

/** Plays the world that ten phones are in, in steps of a tenth of a second. */
class Hub {
  readonly node = new PhoneBench();
  readonly #fates: ReadonlyMap<number, Fate>;
  readonly #leased = new Map<number, number>();
  readonly #way = new Map<number, number>();
  readonly #gone = new Set<number>();

  constructor(list: readonly Fate[]) {
    this.#fates = new Map(list.map((fate, i) => [indexes[i] ?? 0, fate]));
    this.node.observe();
    for (const [index, { isManaged }] of this.#fates) {
      const own: Partial<InterfaceFacts> = {
        index,
        name: `usb${index}`,
        device: { ...android, usb: { ...(android.usb ?? never()), serial: `SERIAL${index}`, port: `1-${index}` } },
      };
      this.node.find(phone({ ...own, ...(isManaged ? managedAt(index) : {}) }));
    }
  }

  play(): void {
    for (let time = 0; time <= duration; time += step) {
      for (const [index, fate] of this.#fates) this.#live(index, fate, time);
      this.node.wait(step);
    }
  }

  #live(index: number, { upAfter, leaseAfter, answersAfter, isManaged, unpluggedAfter }: Fate, time: number): void {
    const { node } = this;
    if (this.#gone.has(index)) return;
    if (unpluggedAfter !== null && time >= unpluggedAfter) {
      node.lose(index);
      this.#gone.add(index);
      return;
    }
    if (isManaged) return;
    const { network, leases, probes } = node.context.intent;
    const isRaised = network.raised?.includes(index) === true;
    if (upAfter === time && isRaised) node.raise(index);
    const isAsked = leases.some((one) => one.index === index);
    const since = this.#leased.get(index);
    if (isAsked && since === undefined) this.#leased.set(index, time);
    else if (isAsked && since !== undefined && leaseAfter !== null && time === since + leaseAfter + step) {
      node.bind(index, lease({ address: `192.168.${index}.17`, gateway: `192.168.${index}.1` }));
      this.#way.set(index, time);
    }
    const way = this.#way.get(index);
    const isProbed = probes.some((one) => one.index === index);
    if (isProbed && way !== undefined && time > way && (time - way) % 1000 === 0) {
      node.answer(index, answersAfter !== null && time - way >= answersAfter);
    }
  }
}

const managedAt = (index: number): Partial<InterfaceFacts> => ({
  ...managedFacts,
  addresses: { ipv4: [address(`192.168.${index}.50`)], ipv6: [] },
});

const never = (): never => {
  throw new Error('the example has a USB device');
};

/** What is not as the fate of a phone has it. */
function complaintsAbout(
  { iface, state, problem }: TetherStatus,
  list: readonly Fate[],
  node: PhoneBench,
): readonly string[] {
  const fate = list[indexes.findIndex((index) => iface === `usb${index}`)];
  if (fate === undefined) return [`${iface} has no fate`];
  const times = [fate.upAfter, fate.leaseAfter, fate.answersAfter];
  const isWorking = times.every((time) => time !== null);
  const isInTime = times.reduce<number>((sum, time) => sum + (time ?? 0), 0) <= 55_000;
  const isUsable = state === 'ready' || state === 'released';
  return [
    ...(fate.isManaged !== (state === 'released') ? ['is another manager’s, or is not'] : []),
    ...(!fate.isManaged && isWorking && isInTime && state !== 'ready' ? ['works, and is not ready'] : []),
    ...(!fate.isManaged && !isWorking && state === 'ready' ? ['is ready, and does not work'] : []),
    ...(problem === null && state === 'failed' ? ['has failed without a reason'] : []),
    ...(problem !== null && isUsable ? ['is of use, and something is wrong with it'] : []),
    ...(node.candidate(iface) === isUsable ? [] : ['is a candidate too early, or never']),
  ].map((complaint) => `${iface} ${complaint}`);
}

describe('TETH-1: ten phones that are plugged in at once', () => {
  test('are all ready, or failed with a reason, or on their way, and what is unplugged leaves nothing', () => {
    fc.assert(
      fc.property(fc.array(fates, { minLength: 10, maxLength: 10 }), (list) => {
        const hub = new Hub(list);
        const { node } = hub;
        hub.play();
        expect(node.errors).toEqual([]);
        const left = indexes.filter((_, i) => list[i]?.unpluggedAfter === null);
        expect(node.tethers.map(({ iface }) => iface)).toEqual(left.map((index) => `usb${index}`));
        expect(node.tethers.flatMap((tether) => complaintsAbout(tether, list, node))).toEqual([]);
        const { network, leases, probes } = node.context.intent;
        const known = (index: number): boolean => left.includes(index);
        expect((network.raised ?? []).every(known)).toBe(true);
        expect(leases.every(({ index }) => known(index))).toBe(true);
        expect((network.leases ?? []).every(({ index }) => known(index))).toBe(true);
        expect(probes.every(({ index }) => known(index))).toBe(true);
        for (const index of left) node.lose(index);
        node.wait(60_000);
        expect(node.clock.pending).toBe(0);
        expect([...node.context.actors].filter((id) => / \d+$/u.test(id))).toEqual([]);
        expect([node.context.told.size, node.context.leases.size, node.context.tethers.size]).toEqual([0, 0, 0]);
        expect(node.status.problems).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  test('never rank before they are ready', () => {
    fc.assert(
      fc.property(fc.array(fates, { minLength: 3, maxLength: 3 }), (list) => {
        const hub = new Hub(list);
        const { node } = hub;
        const early: string[] = [];
        node.actor.subscribe(({ context }) => {
          for (const family of ['ipv4', 'ipv6'] as const) {
            for (const { index } of context.intent.network.ranking[family]) {
              const state = context.tethers.get(index)?.state;
              if (state !== undefined && state !== 'ready' && state !== 'released') early.push(`${index} is ${state}`);
            }
          }
        });
        hub.play();
        expect(early).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });
});
