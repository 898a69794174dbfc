/**
 * A busy node in simulated time: three uplinks, a probe each 5 s ± 10 % and a burst for a lost sample, cables that are
 * pulled and put back, leases that are lost. The same for the same seed.
 */
import type { Family } from '../../src/model/family.ts';
import type { InterfaceFacts } from '../../src/model/interface.ts';
import type { Round, Sample } from '../../src/model/probe.ts';
import { instant, milliseconds } from '../../src/model/units.ts';
import { address, facts, targets } from '../unit/machines/examples.ts';
import { dice } from './dice.ts';
import type { RecordedNode } from './recorded-node.ts';

export interface BusyOptions {
  /** In milliseconds. */
  readonly duration: number;
  readonly families: readonly Family[];
  readonly linkEvents: number;
  /** Share of samples that are lost. */
  readonly loss: number;
  readonly seed: number;
}

const uplinks = [
  { index: 2, name: 'eth0', rtt: 15 },
  { index: 3, name: 'wlan0', rtt: 25 },
  { index: 4, name: 'wwan0', rtt: 50 },
] as const;
type Uplink = (typeof uplinks)[number];

const factsOf = ({ index, name }: Uplink, families: readonly Family[], hasCarrier: boolean): InterfaceFacts =>
  facts({
    index,
    name,
    hasCarrier,
    addresses: {
      ipv4: families.includes('ipv4') ? [address(`10.0.${index}.5`)] : [],
      ipv6: families.includes('ipv6') ? [address(`2001:db8:${index}::5`, 64)] : [],
    },
    defaultRoutes: families.map((family) => ({
      family,
      gateway: family === 'ipv4' ? `10.0.${index}.1` : 'fe80::1',
      table: 254,
      metric: 100,
      protocol: 16,
    })),
  });

const targetsOf = (family: Family): readonly string[] =>
  family === 'ipv4' ? targets : ['tcp://[2606:4700:4700::1111]:53', 'tcp://[2001:4860:4860::8888]:53'];

/** Lets it happen to a node; `onPause` is called between two events now and then. */
export async function keepBusy(
  node: RecordedNode,
  options: BusyOptions,
  onPause: () => Promise<void> = async () => {},
): Promise<void> {
  const { duration, families, linkEvents, loss, seed } = options;
  const random = dice(seed);
  const agenda = new Agenda();
  const carrier = new Map<Uplink, boolean>(uplinks.map((uplink) => [uplink, true]));
  const lastBurst = new Map<Uplink, number>();
  let rounds = 0;

  const probe = (uplink: Uplink, family: Family, cause: Round['cause']): void => {
    const path = node.context.ways.get(uplink.index)?.pathIds[family] ?? null;
    if (path === null) return;
    const startedAt = instant(node.clock.now - uplink.rtt);
    const samples = targetsOf(family).map((target): Sample => {
      const isLost = random() < loss;
      const rtt = isLost ? null : milliseconds(uplink.rtt * (0.9 + 0.3 * random()));
      return { target, rtt, failure: isLost ? 'timeout' : null, retransmitted: false };
    });
    node.send({
      type: 'probe.finished',
      index: uplink.index,
      family,
      path,
      round: { id: ++rounds, startedAt, cause, samples },
    });
    const now = node.clock.now;
    if (samples.every(({ rtt }) => rtt !== null) || now - (lastBurst.get(uplink) ?? -60_000) < 30_000) return;
    lastBurst.set(uplink, now);
    for (let i = 1; i <= 10; i++) agenda.add(now + 250 * i, () => probe(uplink, family, 'burst'));
  };
  const probeForEver = (uplink: Uplink, family: Family): void => {
    probe(uplink, family, 'interval');
    agenda.add(node.clock.now + 5000 * (0.9 + 0.2 * random()), () => probeForEver(uplink, family));
  };
  const toggle = (uplink: Uplink): void => {
    const hasCarrier = carrier.get(uplink) !== true;
    carrier.set(uplink, hasCarrier);
    node.send({ type: 'interface.changed', facts: factsOf(uplink, families, hasCarrier) });
  };

  for (const uplink of uplinks) node.send({ type: 'interface.found', facts: factsOf(uplink, families, true) });
  node.send({ type: 'network.observed', incumbents: { ipv4: null, ipv6: null } });
  for (const uplink of uplinks)
    for (const family of families) agenda.add(random() * 5000, () => probeForEver(uplink, family));
  for (let i = 0; i < linkEvents / 2; i++) {
    const uplink = uplinks[Math.floor(random() * 3)] ?? uplinks[0];
    const pulledAt = random() * duration;
    agenda.add(pulledAt, () => toggle(uplink));
    agenda.add(pulledAt + 1000 + random() * 120_000, () => toggle(uplink));
  }
  let taken = 0;
  for (let next = agenda.take(); next !== null && next.at <= duration; next = agenda.take()) {
    node.pass(Math.max(0, next.at - node.clock.now));
    next.happen();
    if (++taken % 256 === 0) await onPause();
  }
  node.pass(duration - node.clock.now);
}

interface Appointment {
  readonly at: number;
  readonly happen: () => void;
}

/** What is going to happen, by time. Most of it is near: a sorted list is quick enough. */
class Agenda {
  readonly #waiting: Appointment[] = [];

  add(at: number, happen: () => void): void {
    let place = this.#waiting.length;
    while (place > 0 && (this.#waiting[place - 1]?.at ?? 0) < at) place--;
    this.#waiting.splice(place, 0, { at, happen });
  }

  take(): Appointment | null {
    return this.#waiting.pop() ?? null;
  }
}
