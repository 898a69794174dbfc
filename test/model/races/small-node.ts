/** The node without an operating system: streams, machines and reconciler, wired as the engine wires them. */
import type { Scheduler } from 'fast-check';
import { BehaviorSubject, race, Subject, timer } from 'rxjs';
import { createActor, type ActorRefFrom } from 'xstate';
import { adoptedIncumbents } from '../../../src/effects/network/adopt.ts';
import type { KernelOperation, KernelTarget } from '../../../src/effects/ports.ts';
import { Reconciler } from '../../../src/effects/network/reconciler.ts';
import { noIntent } from '../../../src/machines/node/intent.decisions.ts';
import { nodeMachine } from '../../../src/machines/node/node.machine.ts';
import { defaultConfig } from '../../../src/model/config.ts';
import type { NodeEvent, NodeIntent } from '../../../src/model/events.ts';
import { noDeviceFacts } from '../../../src/model/interface.ts';
import type { Operation, OperationResult } from '../../../src/model/network.ts';
import { instant, milliseconds } from '../../../src/model/units.ts';
import { nodeEvents } from '../../../src/streams/events.stream.ts';
import type { Prober, ProbeOutcome } from '../../../src/streams/ports.ts';
import { FakeKernel } from '../../fakes/kernel/fake-kernel.ts';
import { SimulatedTime } from '../../fakes/simulated-time.ts';
import { fakeSettings, foreignRoute, memoryJournal } from '../../unit/effects/support.ts';

/** Best first. */
export const names = ['eth0', 'wlan0', 'wwan0'] as const;

const { routing, probe } = defaultConfig;
const ownProtocol = 144;

/** What promises lead to has all happened: on a real machine it does before the next timer. */
export const quiet = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

export class SmallNode {
  readonly time = new SimulatedTime();
  readonly kernel: FakeKernel;
  readonly journal = memoryJournal();
  readonly indexes: readonly number[];
  /** What must never be, in words. */
  readonly complaints: string[] = [];
  readonly events: NodeEvent[] = [];
  /** Uplinks whose probes are lost beyond the link. */
  readonly deaf = new Set<number>();
  readonly #scheduler: Scheduler;
  readonly #reconciler: Reconciler;
  readonly #actor: ActorRefFrom<typeof nodeMachine>;
  readonly #settings: ReturnType<typeof fakeSettings>;
  #end: () => void = () => undefined;
  /** Everything is answered at once, in the order of asking. */
  isCalm = false;
  #isStopping = false;

  constructor(scheduler: Scheduler) {
    const { time } = this;
    this.#scheduler = scheduler;
    const clock = {
      now: () => instant(time.now()),
      setTimeout: (callback: () => void, delay: number) => time.schedule(callback, delay),
      clearTimeout: (timeout: ReturnType<SimulatedTime['schedule']>) => timeout.unsubscribe(),
    };
    this.kernel = new FakeKernel({ clock });
    this.indexes = names.map((name) => this.kernel.network.addLink({ name, isUp: true }));
    for (const index of this.indexes) {
      this.configure(index);
      this.kernel.setAnswering(index, `10.0.${index}.1`, true);
    }
    this.#settings = fakeSettings(this.kernel);
    this.#reconciler = new Reconciler({
      kernel: this.#slowKernel(),
      settings: this.#settings,
      journal: this.journal,
      routing,
      scheduler: time,
    });
    this.#actor = createActor(nodeMachine, { input: { config: defaultConfig }, clock });
  }

  /** What a DHCP client does: an address, and a default route by the gateway. */
  configure(index: number): void {
    this.kernel.addAddress(index, `10.0.${index}.5/24`);
    const gateway = `10.0.${index}.1`;
    const route = {
      table: 254,
      destination: '0.0.0.0/0',
      linkIndex: index,
      gateway,
      metric: 100 + index,
      protocol: 16,
    };
    this.kernel.addRoute([foreignRoute({ ...route, scope: 'global' })]);
  }

  /** Someone else removes the routes by one uplink that are ours. */
  rob(index: number): void {
    const routes = this.kernel.network.fib.routes.flat();
    const stolen = routes.filter((route) => route.protocol === ownProtocol && route.linkIndex === index);
    for (const route of stolen) this.kernel.removeRoute(route);
  }

  start(): void {
    const intents$ = new BehaviorSubject<NodeIntent>(noIntent);
    const commands$ = new Subject<NodeEvent>();
    let intent = noIntent;
    this.#actor.subscribe(({ context }) => {
      if (context.intent === intent) return;
      intent = context.intent;
      this.#reconciler.setIntent(intent.network);
      race(this.#reconciler.settled(), timer(250, this.time)).subscribe(() => {
        if (intents$.value !== intent) intents$.next(intent);
      });
    });
    this.#reconciler.reports.subscribe((report) => {
      if (report.type !== 'operation.executed') commands$.next({ ...report, at: instant(this.time.now()) });
    });
    this.#actor.start();
    const running = nodeEvents({
      kernel: this.kernel,
      devices: { read: () => noDeviceFacts },
      prober: this.#slowProber(),
      traffic: { read: () => new Map() },
      carriers: {
        readCarrier: (name) => this.kernel.readCarrier(this.indexes[names.findIndex((one) => one === name)] ?? 0),
      },
      stall: defaultConfig.stall,
      intents$,
      commands$,
      config: probe,
      clock: this.time,
      scheduler: this.time,
      random: () => 0.5,
    }).subscribe((event) => this.#take(event));
    this.#end = () => running.unsubscribe();
    const incumbents = adoptedIncumbents(this.kernel.state, routing);
    commands$.next({ type: 'network.observed', at: instant(this.time.now()), incumbents });
  }

  /** As the engine ends: events first, then the network is given back. */
  async stop(): Promise<readonly Operation[]> {
    this.#isStopping = true;
    this.#end();
    const left = await this.#reconciler.stop();
    this.#actor.stop();
    return left;
  }

  /** One thing after the other for a while, with the answers that are outstanding. */
  async calmDown(duration: number): Promise<void> {
    this.isCalm = true;
    const end = this.time.now() + duration;
    await quiet();
    while (this.time.now() < end) {
      while (this.#scheduler.count() > 0) await this.#scheduler.waitOne();
      await quiet();
      await this.time.run(100);
    }
    await quiet();
  }

  /** Names in the ranked table, as the kernel tries them. */
  get ranking(): readonly string[] {
    const table = this.#reconciler.tables.ranked;
    return this.#ownDefaults()
      .filter((route) => route.table === table)
      .toSorted((a, b) => a.metric - b.metric)
      .map(({ linkIndex }) => this.kernel.network.links.get(linkIndex ?? 0)?.name ?? '?');
  }

  get wanted(): readonly number[] {
    return this.#actor.getSnapshot().context.intent.network.ranking.ipv4.map(({ index }) => index);
  }

  get plan(): readonly Operation[] {
    return this.#reconciler.currentPlan();
  }

  /** Routes, rules and settings of ours. */
  get remains(): readonly string[] {
    const rules = [...this.kernel.truth().rules.values()].filter(({ protocol }) => protocol === ownProtocol);
    const routes = this.kernel.network.fib.routes.flat().filter(({ protocol }) => protocol === ownProtocol);
    return [
      ...routes.map(({ destination, table }) => `route ${destination} in ${table}`),
      ...rules.map(({ priority }) => `rule ${priority}`),
      ...[...this.journal.records.keys()].map((key) => `setting ${key}`),
    ];
  }

  /** Whether the kernel has a default of ours by a link that carries. */
  get hasWay(): boolean {
    return this.#ownDefaults().some(({ linkIndex, table }) => {
      const link = this.kernel.network.links.get(linkIndex ?? 0);
      return table === this.#reconciler.tables.ranked && link?.hasCarrier === true;
    });
  }

  #ownDefaults() {
    const routes = this.kernel.network.fib.routes.flat();
    return routes.filter((route) => route.protocol === ownProtocol && route.destination === '0.0.0.0/0');
  }

  /** Operations are carried out, and acknowledged, when the scheduler says so. */
  #slowKernel(): KernelTarget {
    const { kernel } = this;
    return {
      state: kernel.state,
      subscribe: (listener) => kernel.subscribe(listener),
      settle: () => kernel.settle(),
      resync: () => kernel.resync(),
      execute: async (operation: KernelOperation): Promise<OperationResult> => {
        await this.#inAnyOrder(`asked: ${operation.type} ${operation.target}`);
        const hadWay = this.hasWay;
        const result = await kernel.execute(operation);
        if (hadWay && !this.hasWay && !this.#isStopping) {
          this.complaints.push(`${operation.type} ${operation.target} took the last way away`);
        }
        await this.#inAnyOrder(`done: ${operation.type} ${operation.target}`);
        return result;
      },
    };
  }

  #slowProber(): Prober {
    return {
      probe: async ({ interface: { index } }, signal): Promise<ProbeOutcome> => {
        const sentAt = this.time.now();
        const isOpen = this.kernel.network.links.get(index)?.hasCarrier === true && !this.deaf.has(index);
        if (!isOpen) {
          // Silence: it ends when nobody waits any more.
          return new Promise((resolve) => {
            const end = (): void => resolve({ ok: false, failure: 'timeout', message: 'no answer' });
            this.time.schedule(end, probe.timeout);
            signal.addEventListener('abort', end, { once: true });
          });
        }
        await this.#inAnyOrder(`answer by ${index}`);
        return { ok: true, rtt: milliseconds(Math.max(20, this.time.now() - sentAt)), retransmitted: false };
      },
    };
  }

  #take(event: NodeEvent): void {
    this.events.push(event);
    const isOfProbes = event.type === 'probe.finished' || event.type === 'probe.answeredLate';
    if (!isOfProbes) return this.#actor.send(event);
    const { ways } = this.#actor.getSnapshot().context;
    const isOld = ways.get(event.index)?.pathIds[event.family] !== event.path;
    const before = this.#probesOf(event.index);
    this.#actor.send(event);
    if (isOld && this.#probesOf(event.index) !== before)
      this.complaints.push(`a round of an old path counts: ${event.path}`);
  }

  #probesOf(index: number): string {
    const child = this.#actor.getSnapshot().children[`interface ${index}`]?.getSnapshot().context;
    return child !== undefined && 'health' in child ? JSON.stringify([child.health, child.lifecycle]) : 'none';
  }

  async #inAnyOrder(label: string): Promise<void> {
    if (!this.isCalm) await this.#scheduler.schedule(Promise.resolve(), label);
  }
}
