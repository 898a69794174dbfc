import { actorsOf, traceOf, type TraceOptions } from '../../../src/inspection/trace.ts';
import type { InterfaceFacts } from '../../../src/model/interface.ts';
import type { ActorView, TraceItem } from '../../../src/model/trace.ts';
import { instant } from '../../../src/model/units.ts';
import { RecordedNode } from '../../fakes/recorded-node.ts';
import { address, answered, facts, lost, round, targets } from '../../unit/machines/examples.ts';

/** The wall time at which scenes that are no daemon's begin. */
const begin = Date.UTC(2026, 10, 22, 9, 30);

/** The real machines with several uplinks, in time that passes when told to, traced. */
export class Scene {
  readonly node: RecordedNode;
  readonly items: TraceItem[] = [];
  /** Called with each item besides. */
  onItem: (item: TraceItem) => void = () => {};
  readonly #uplinks = new Map<number, InterfaceFacts>();
  readonly #quality = new Map<number, { readonly rtt: number; readonly loss: boolean }>();
  readonly #options: TraceOptions;
  #rounds = 0;

  /** @param now what the machines' clock shows; @param wall what the wall clock shows then */
  constructor(now = 5_000_000, wall = begin) {
    this.node = new RecordedNode({ now: instant(now) });
    this.#options = {
      now: () => this.node.clock.now,
      wallTime: (at: number) => new Date(wall + at - now).toISOString(),
    };
    traceOf(this.node.actor, this.#options, (item) => {
      this.items.push(item);
      this.onItem(item);
    });
  }

  get now(): number {
    return this.node.clock.now;
  }

  /** All actors as they stand. */
  readonly actors = (): readonly ActorView[] => actorsOf(this.node.actor, this.#options).actors;

  /** Lets the time pass that has passed in the world, for a scene whose clock is this process's own. */
  catchUp(): void {
    this.node.pass(performance.now() - this.now);
  }

  find(index: number, name: string, rtt: number): void {
    const found = facts({ index, name, addresses: { ipv4: [address(`10.0.${index}.5`)], ipv6: [] } });
    this.#uplinks.set(index, found);
    this.#quality.set(index, { rtt, loss: false });
    this.node.send({ type: 'interface.found', facts: found });
  }

  change(index: number, overrides: Partial<InterfaceFacts>): void {
    const changed = { ...(this.#uplinks.get(index) ?? facts({ index })), ...overrides };
    this.#uplinks.set(index, changed);
    this.node.send({ type: 'interface.changed', facts: changed });
  }

  lose(index: number): void {
    this.#uplinks.delete(index);
    this.node.send({ type: 'interface.lost', index });
  }

  observe(): void {
    this.node.send({ type: 'network.observed', incumbents: { ipv4: null, ipv6: null } });
  }

  quality(index: number, rtt: number, loss = false): void {
    this.#quality.set(index, { rtt, loss });
  }

  /** Lets seconds pass; each uplink is probed each five of them. */
  pass(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.node.pass(1000);
      for (const [index] of this.#uplinks) if ((second + index) % 5 === 0) this.probe(index);
    }
  }

  probe(index: number): void {
    const path = this.node.context.ways.get(index)?.pathIds.ipv4;
    const { rtt, loss } = this.#quality.get(index) ?? { rtt: 20, loss: false };
    if (typeof path !== 'string') return;
    const id = ++this.#rounds;
    const samples = targets.map((target) => (loss ? lost(target) : answered(target, rtt + (id % 4))));
    this.node.send({ type: 'probe.finished', index, family: 'ipv4', path, round: round(id, samples) });
  }
}

/** Three uplinks; the cable is pulled, comes back, then its provider fails, then the modem goes. */
export function eventfulMorning(scene = new Scene()): Scene {
  scene.find(2, 'eth0', 9);
  scene.find(3, 'wwan0', 42);
  scene.find(4, 'wlan0', 18);
  scene.observe();
  scene.pass(120);
  scene.change(2, { hasCarrier: false });
  scene.pass(45);
  scene.change(2, { hasCarrier: true });
  scene.pass(150);
  scene.quality(2, 9, true);
  scene.pass(90);
  scene.quality(2, 9);
  scene.pass(200);
  scene.quality(4, 180);
  scene.pass(60);
  scene.lose(3);
  scene.pass(40);
  return scene;
}
