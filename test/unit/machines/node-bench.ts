import { createActor, type ActorRefFrom } from 'xstate';
import type { NodeEmission } from '../../../src/model/events.ts';
import { interfaceActor } from '../../../src/machines/node/node.decisions.ts';
import { nodeMachine } from '../../../src/machines/node/node.machine.ts';
import { statusOf } from '../../../src/machines/status/status.selectors.ts';
import { defaultConfig, type Config } from '../../../src/model/config.ts';
import type { NodeEvent } from '../../../src/model/events.ts';
import type { Family, PerFamily } from '../../../src/model/family.ts';
import type { InterfaceFacts } from '../../../src/model/interface.ts';
import type { Round, Sample } from '../../../src/model/probe.ts';
import type { ActiveStatus, InterfaceStatus, Status, Switch } from '../../../src/model/status.ts';
import { DiscreteClock } from '../../fakes/discrete-clock.ts';
import { answered, facts, lost, round, targets } from './examples.ts';

/** The whole node, its clock and what it tells. */
export class NodeBench {
  readonly clock = new DiscreteClock();
  readonly actor: ActorRefFrom<typeof nodeMachine>;
  readonly emissions: NodeEmission[] = [];
  readonly errors: unknown[] = [];
  readonly #facts = new Map<number, InterfaceFacts>();
  #round = 0;

  constructor(config: Config = defaultConfig, machine = nodeMachine) {
    this.actor = createActor(machine, { input: { config }, clock: this.clock });
    this.actor.on('*', (emission) => this.emissions.push(emission));
    this.actor.subscribe({ error: (error: unknown) => this.errors.push(error) });
    this.actor.start();
  }

  get context() {
    return this.actor.getSnapshot().context;
  }
  get switches(): readonly Switch[] {
    return this.emissions.flatMap((emission) => (emission.type === 'switch' ? [emission.switch] : []));
  }
  get status(): Status {
    return statusOf(this.actor.getSnapshot(), this.clock.now(), (at) => new Date(at).toISOString());
  }
  active(family: Family = 'ipv4'): ActiveStatus | null {
    return this.status.active[family];
  }
  get activeName(): string | null {
    return this.active()?.iface ?? null;
  }
  interface(name: string): InterfaceStatus | undefined {
    return this.status.interfaces.find((one) => one.name === name);
  }

  send(event: NodeEvent extends infer E ? (E extends NodeEvent ? Omit<E, 'at'> : never) : never): void {
    this.actor.send({ ...event, at: this.clock.now() });
  }

  find(found: InterfaceFacts): void {
    this.#facts.set(found.index, found);
    this.send({ type: 'interface.found', facts: found });
  }
  change(index: number, overrides: Partial<InterfaceFacts>): void {
    const changed = { ...(this.#facts.get(index) ?? facts({ index })), ...overrides };
    this.#facts.set(index, changed);
    this.send({ type: 'interface.changed', facts: changed });
  }
  lose(index: number): void {
    this.send({ type: 'interface.lost', index });
  }
  observe(incumbents: Partial<PerFamily<number | null>> = {}): void {
    this.send({ type: 'network.observed', incumbents: { ipv4: null, ipv6: null, ...incumbents } });
  }

  /** One round of an uplink, with these samples. Nothing is sent where there is no path to probe. */
  probe(index: number, samples: readonly Sample[], family: Family = 'ipv4', cause: Round['cause'] = 'interval'): void {
    const path = this.context.ways.get(index)?.pathIds[family] ?? null;
    if (path === null) return;
    this.send({ type: 'probe.finished', index, family, path, round: round(++this.#round, samples, cause) });
  }
  good(index: number, rtt = 20): void {
    this.probe(
      index,
      targets.map((target) => answered(target, rtt)),
    );
  }
  bad(index: number): void {
    this.probe(
      index,
      targets.map((target) => lost(target)),
    );
  }
  /** Good rounds through these uplinks each 5 s. */
  settle(indexes: readonly number[], seconds: number): void {
    for (let elapsed = 0; elapsed < seconds; elapsed += 5) {
      for (const index of indexes) this.good(index);
      this.clock.advance(5000);
    }
  }
  hasActor(index: number): boolean {
    return interfaceActor(index) in this.actor.getSnapshot().children;
  }
}

/** eth0 (2), wlan0 (3) and wwan0 (4), observed, with nothing measured yet. */
export function threeUplinks(config: Config = defaultConfig): NodeBench {
  const node = new NodeBench(config);
  node.find(facts({ index: 2, name: 'eth0' }));
  node.find(facts({ index: 3, name: 'wlan0' }));
  node.find(facts({ index: 4, name: 'wwan0' }));
  node.observe();
  return node;
}
