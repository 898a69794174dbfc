/** Interfaces, rounds and contenders to take as a start; each test names what matters to it. */
import { createActor, type ActorRefFrom } from 'xstate';
import { classify } from '../../../src/machines/classification.decisions.ts';
import { interfaceMachine } from '../../../src/machines/interface.machine.ts';
import type { NodeEmission } from '../../../src/machines/node.context.ts';
import { interfaceActor } from '../../../src/machines/node.decisions.ts';
import { nodeMachine } from '../../../src/machines/node.machine.ts';
import type { Contender } from '../../../src/machines/selection-rules.decisions.ts';
import { statusOf } from '../../../src/machines/status.selectors.ts';
import { defaultConfig, type Config } from '../../../src/model/config.ts';
import type { NodeEvent } from '../../../src/model/events.ts';
import { perFamily, type Family, type PerFamily } from '../../../src/model/family.ts';
import { noDeviceFacts, type InterfaceAddress, type InterfaceFacts } from '../../../src/model/interface.ts';
import type { Round, Sample, Verdict } from '../../../src/model/probe.ts';
import type { ActiveStatus, InterfaceStatus, Status, Switch } from '../../../src/model/status.ts';
import { instant, milliseconds } from '../../../src/model/units.ts';
import { DiscreteClock } from '../../fakes/discrete-clock.ts';

export const address = (text: string, prefixLength = 24): InterfaceAddress => ({
  address: text,
  prefixLength,
  peer: null,
});

/** An interface with carrier, 10.0.INDEX.5/24 and a default route by 10.0.INDEX.1 that a DHCP client installed. */
export function facts(overrides: Partial<InterfaceFacts> = {}): InterfaceFacts {
  const index = overrides.index ?? 2;
  return {
    index,
    name: 'eth0',
    kind: null,
    hardwareType: 1,
    isLoopback: false,
    isPointToPoint: false,
    isEnslaved: false,
    isUp: true,
    hasCarrier: true,
    mtu: 1500,
    macAddress: '02:00:00:00:00:01',
    addresses: { ipv4: [address(`10.0.${index}.5`)], ipv6: [] },
    defaultRoutes: [{ family: 'ipv4', gateway: `10.0.${index}.1`, table: 254, metric: 100, protocol: 16 }],
    device: noDeviceFacts,
    ...overrides,
  };
}

export const targets = ['tcp://1.1.1.1:53', 'tcp://8.8.8.8:53'] as const;

export const answered = (target: string = targets[0], rtt = 20): Sample => ({
  target,
  rtt: milliseconds(rtt),
  failure: null,
  retransmitted: false,
});
export const lost = (target: string = targets[0]): Sample => ({
  target,
  rtt: null,
  failure: 'timeout',
  retransmitted: false,
});

export const round = (id: number, samples: readonly Sample[], cause: Round['cause'] = 'interval'): Round => ({
  id,
  startedAt: instant(0),
  cause,
  samples,
});
export const goodRound = (id: number, rtt = 20): Round =>
  round(
    id,
    targets.map((target) => answered(target, rtt)),
  );
export const badRound = (id: number): Round =>
  round(
    id,
    targets.map((target) => lost(target)),
  );

export const contender = (overrides: Partial<Contender> = {}): Contender => ({
  index: 2,
  name: 'eth0',
  isUsable: true,
  verdict: 'healthy',
  isEmergencyOnly: false,
  lifecycle: 'up',
  isSuppressed: false,
  score: 1000,
  scoreLessOneLoss: overrides.score ?? 1000,
  bias: 100,
  rounds: 10,
  lostSamples: 0,
  ...overrides,
});

/** A window of one round, and no second chance: a single round makes any verdict. */
export const hastyConfig: Config = {
  ...defaultConfig,
  probe: { ...defaultConfig.probe, window: 2, downThreshold: 1 },
};

/** One interface's actor with a clock of its own. */
export class InterfaceBench {
  readonly clock = new DiscreteClock();
  readonly actor: ActorRefFrom<typeof interfaceMachine>;
  #facts: InterfaceFacts;
  #round = 0;

  constructor(initial: InterfaceFacts = facts(), config: Config = hastyConfig) {
    this.#facts = initial;
    const classification = classify(initial, config);
    const input = {
      config,
      facts: initial,
      classification,
      claims: [],
      blamed: perFamily(() => []),
      at: this.clock.now(),
    };
    this.actor = createActor(interfaceMachine, { input, clock: this.clock }).start();
  }

  get context() {
    return this.actor.getSnapshot().context;
  }
  get state(): string {
    return this.context.lifecycle;
  }

  change(overrides: Partial<InterfaceFacts>): void {
    this.#facts = { ...this.#facts, ...overrides };
    this.actor.send({ type: 'interface.changed', facts: this.#facts, at: this.clock.now() });
  }

  probe(samples: Round, family: Family = 'ipv4'): void {
    const path = this.context.pathIds[family];
    if (path === null) return;
    this.actor.send({ type: 'probe.finished', index: 2, family, path, round: samples, at: this.clock.now() });
  }

  /** Sends the round that makes this verdict. */
  judge(verdict: Exclude<Verdict, 'unknown'>): void {
    const id = ++this.#round;
    if (verdict === 'healthy') this.probe(goodRound(id));
    else if (verdict === 'failed') this.probe(badRound(id));
    else this.probe(round(id, [answered(targets[0]), lost(targets[1])]));
  }

  /** Brings the lifecycle to a state, with a fitting verdict, and lets `minStateDuration` pass. */
  reach(state: 'probing' | 'up' | 'degraded' | 'down'): this {
    if (state === 'up' || state === 'degraded') this.judge('healthy');
    if (state === 'up' || state === 'degraded') this.clock.advance(10_000);
    if (state === 'degraded') this.judge('degraded');
    if (state === 'degraded') this.clock.advance(15_000);
    if (state === 'down') this.judge('failed');
    this.clock.advance(5_000);
    return this;
  }
}

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
