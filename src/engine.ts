/**
 * The one place that sees every layer, and wires the circle: adapters → streams → machines → effects → adapters.
 */

import { BehaviorSubject, interval, race, Subject, timer } from 'rxjs';

import { createClock, schedulerOf } from './adapters/clock.ts';
import type { ControlApi, ControlEvent } from './adapters/control/api.ts';
import { openControlServer } from './adapters/control/server.ts';
import { requireNetAdmin } from './adapters/doctor/privileges.ts';
import type { Log } from './adapters/log/log.ts';
import { createSleepReader } from './adapters/memory/boot-clock.ts';
import { openMemory } from './adapters/memory/memory-keeper.ts';
import { openKernel, type Kernel } from './adapters/netlink/kernel.ts';
import type { NameResolverOptions } from './adapters/probes/name-resolver.ts';
import { createProber, type BoundProber } from './adapters/probes/prober.ts';
import { createSysfs } from './adapters/sysfs/sysfs.ts';
import { adoptedIncumbents } from './effects/adopt.ts';
import type { ReconcilerReport } from './effects/reconciler.ts';
import { audienceOf } from './inspection/audience.ts';
import { noIntent } from './machines/intent.decisions.ts';
import { explain, factsOf, memoriesOf, statusOf } from './machines/status.selectors.ts';
import { uplinkConfigOf } from './machines/uplink-match.decisions.ts';
import { leastTimeout, type Config } from './model/config.ts';
import { BackhaulError, describe, type Problem } from './model/errors.ts';
import type { NodeEmission, NodeEvent, NodeIntent } from './model/events.ts';
import type { Operation } from './model/network.ts';
import { elapsed, type Instant } from './model/units.ts';
import { openDns } from './engine/dns.ts';
import { createNameServers, hasNames } from './engine/name-servers.ts';
import { openFlowFollowing } from './engine/flow-following.ts';
import { openHotspotControl } from './engine/hotspot-control.ts';
import { openHotspot } from './engine/hotspot.ts';
import { openLeases } from './engine/leases.ts';
import { createMachines } from './engine/machines.ts';
import { createProblemBoard } from './engine/problem-board.ts';
import { followPower } from './engine/power-following.ts';
import { openReconciler } from './engine/routing.ts';
import { sentenceOf } from './engine/sentences.ts';
import { openShaping, throttleRate } from './engine/shaping.ts';
import { countedUplinks, openTrafficCounting } from './engine/traffic-counting.ts';
import { openUsage } from './engine/usage-keeping.ts';
import { nodeEvents } from './streams/events.stream.ts';

/** How long probes wait for the routes they need, in milliseconds; what cannot be done must not keep them back. */
const longestRouting = 250;

/** Who is told of what happens. */
export interface Listeners {
  tell(emission: NodeEmission): void;
  /** The machines themselves have failed: nothing is decided any more, and the kernel goes on by the ranking it has. */
  fail(problem: Problem): void;
}

export interface EngineOptions {
  readonly config: Config;
  readonly stateDirectory: string;
  /** Null: none. */
  readonly controlSocket: string | null;
  readonly log: Log;
  readonly listeners: Listeners;
}

export interface Engine {
  readonly api: ControlApi;
  /** Shares relayed traffic out on the active uplink, or not. Resolves, when that stands, to what is in its way. */
  relayQos(isActive: boolean): Promise<Problem | null>;
  /** Gives the network back; resolves to what could not be removed. */
  close(): Promise<readonly Operation[]>;
}

/**
 * Starts everything; resolves when the first routes stand.
 *
 * @throws BackhaulError when the network may not be changed, the kernel cannot be read, or the control socket cannot be
 * made; nothing is left behind.
 */
export async function openEngine({
  config,
  stateDirectory,
  controlSocket,
  log,
  listeners,
}: EngineOptions): Promise<Engine> {
  if (config.routing.execute) requireNetAdmin();
  const clock = createClock();
  const wall = clock.wallTime.bind(clock);
  const scheduler = schedulerOf(clock);
  const problems = createProblemBoard(log);
  const { note } = problems;

  let isOpen = false;
  const kernel = await openKernel({
    driver: config.discovery.driver,
    // Once it is open, what it tells of was mended when it is told; that it had to be opened another way stays so.
    onProblem: (problem) => (isOpen ? log.warn({ problem }, describe(problem)) : note(problem)),
    onDefect: (error) => log.error({ err: error }, 'a listener of the kernel failed'),
  });
  isOpen = true;
  const sysfs = createSysfs(kernel.state.links.values());
  const compareSysfs = (): void => {
    const problem = sysfs.compare(kernel.state.links.values());
    if (problem !== null && !problems.has(problem)) note(problem);
  };
  compareSysfs();
  const dnsOf = (index: number): readonly string[] => {
    const facts = factsOf(actor.getSnapshot(), index);
    return (facts === null ? null : uplinkConfigOf(facts, config.uplinks))?.dns ?? [];
  };
  const leasedDns = (index: number): readonly string[] =>
    actor.getSnapshot().context.leases.get(index)?.lease?.dns ?? [];
  const names: NameResolverOptions = {
    source: createNameServers({
      view: (index) => actor.getSnapshot().context.views.get(index),
      configured: dnsOf,
      leased: leasedDns,
      reader: () => dns?.source ?? null,
      now: () => clock.now(),
    }),
    onProblem: note,
    onSolved: problems.solve,
  };
  const { prober, reconciler } = await closingOnFailure(kernel, async () => ({
    prober: await proberFor(hasNames(config) ? names : undefined, note),
    reconciler: openReconciler(kernel, stateDirectory, config, scheduler, note),
  }));

  const traffic = await openTrafficCounting(config, kernel, log, problems);
  const flows = await openFlowFollowing({
    config,
    stateDirectory,
    kernel,
    log,
    now: () => clock.now(),
    onProblem: note,
  });
  const { actor, recorder } = createMachines({ config, stateDirectory, clock, problems });
  const memory = openMemory({
    directory: stateDirectory,
    collect: () => memoriesOf(actor.getSnapshot()),
    now: () => clock.now(),
    onProblem: note,
    onSolved: problems.solve,
  });
  const usage = openUsage(config, { stateDirectory, controlSocket }, kernel, problems, () => clock.now());
  const intents$ = new BehaviorSubject<NodeIntent>(noIntent);
  const commands$ = new Subject<NodeEvent>();
  const events = new Subject<ControlEvent>();
  const hotspot = await openHotspotControl({
    config: config.hotspot,
    stateDirectory,
    log,
    problems,
    now: () => clock.now(),
    send: (event) => commands$.next(event),
    status: () => statusOf(actor.getSnapshot(), clock.now(), wall).hotspot,
  });

  const dns = await openDns(config, stateDirectory, {
    scheduler,
    configured: dnsOf,
    leased: leasedDns,
    onProblem: note,
    onServers: (servers) => reconciler.setServers(servers),
  });

  const shaping = openShaping({
    config,
    stateDirectory,
    scheduler,
    throttleRateOf: (index) => throttleRate(factsOf(actor.getSnapshot(), index), config),
    onProblem: note,
  });

  const leases = await openLeases({
    execute: config.routing.execute,
    stateDirectory,
    scheduler,
    log,
    nameOf: (index) => kernel.state.links.get(index)?.name ?? null,
    onEvent: (event) => commands$.next(event),
    onProblem: note,
  });

  const accessPoint = await openHotspot({
    config,
    stateDirectory,
    controlSocket,
    kernel,
    scheduler,
    log,
    problems,
    now: () => clock.now(),
    keys: hotspot.keys,
    onboarding: hotspot.onboarding,
    nameServers: names.source,
    onEvent: (event) => commands$.next(event),
  });

  let wantedSince: Instant | null = null;

  const fail = async (problem: Problem): Promise<void> => {
    // What led to it is what has to be known.
    await recorder?.close();
    listeners.fail(problem);
  };

  const tell = (emission: NodeEmission): void => {
    events.next({ type: emission.type, data: emission });
    listeners.tell(emission);
  };
  // What moves traffic comes first: the reconciler's run is queued by `setIntent`, telling and probing come after it.
  actor.on('*', (emission) => {
    recorder?.told(emission);
    queueMicrotask(() => {
      log.info({ emission }, sentenceOf(emission));
      tell(emission);
    });
  });
  let intent = noIntent;
  let views = actor.getSnapshot().context.views;
  actor.subscribe({
    next({ context }) {
      if (context.views !== views) memory.touch();
      views = context.views;
      if (context.intent === intent) return;
      const isMoving = context.intent.network !== intent.network;
      intent = context.intent;
      reconciler.setIntent(intent.network);
      if (isMoving) recorder?.wanted(intent.network, context.now);
      const carriedOut = reconciler.settled();
      if (isMoving && wantedSince === null) {
        wantedSince = context.now;
        void carriedOut.then(() => (wantedSince = null));
      }
      // Name servers follow when the way to them stands.
      if (dns !== null) void carriedOut.then(() => dns.setIntent(intent.network));
      void carriedOut.then(() => shaping.want(intent.network));
      const wanted = intent;
      flows.want(wanted);
      void carriedOut.then(() => flows.settled(wanted));
      leases.want(wanted);
      accessPoint.want(wanted);
      // A probe that leaves before its routes stand is a loss that never was.
      race(carriedOut, timer(longestRouting)).subscribe(() => {
        if (intents$.value === intent) return;
        if (intents$.value.network.uplinks !== intent.network.uplinks) traffic.follow(countedUplinks(intent.network));
        intents$.next(intent);
      });
    },
    error(error: unknown) {
      const message = error instanceof Error ? error.message : String(error);
      log.fatal({ err: error }, 'the state machines failed');
      void fail({ code: 'actor.failed', subject: 'node', message: `the state machines failed: ${message}` });
    },
  });
  const onReport = (report: ReconcilerReport): void => {
    if (report.type === 'operation.executed') {
      const { type, target, because } = report.operation;
      const entry = { component: 'audit', operation: type, target, because, result: report.result };
      if (type === 'route.replace' && wantedSince !== null) {
        // The first step that moves traffic: from the event that asked for it to the kernel's acknowledgement.
        log.info({ ...entry, reactionMs: elapsed(wantedSince, clock.now()) }, `${type} ${target}`);
        wantedSince = null;
      } else {
        log.info(entry, `${type} ${target}`);
      }
      flows.check();
    } else {
      commands$.next({ ...report, at: clock.now() });
    }
  };
  const reports = reconciler.reports.subscribe(onReport);
  reports.add(dns?.reports.subscribe(onReport));
  reports.add(shaping.reports.subscribe(onReport));

  const power = await followPower((onBattery) => commands$.next({ type: 'power.changed', at: clock.now(), onBattery }));
  const lookAgain = (): void => {
    power.compare();
    void kernel.resync();
    compareSysfs();
    reconciler.refresh();
    dns?.refresh();
    shaping.refresh();
    accessPoint.refresh();
  };

  actor.start();
  const running = nodeEvents({
    kernel,
    devices: sysfs,
    prober,
    traffic,
    carriers: sysfs,
    memory,
    sleep: createSleepReader(clock),
    usage: usage.counter,
    intents$,
    commands$,
    config: config.probe,
    stall: config.stall,
    minTimeout: leastTimeout(config),
    clock,
    scheduler,
    random: Math.random,
  }).subscribe({
    next(event) {
      recorder?.event(event);
      actor.send(event);
      shaping.see(event);
      leases.see(event);
      if (event.type === 'node.resumed') lookAgain();
      if (event.type === 'interface.lost') prober.forget(event.index);
    },
    error(error: unknown) {
      log.fatal({ err: error }, 'the event streams failed');
      void fail({ code: 'actor.failed', subject: 'streams', message: 'the event streams failed' });
    },
  });
  const remembered = hotspot.remembered();
  if (remembered !== null) commands$.next(remembered);
  leases.tellRemembered();
  commands$.next({
    type: 'network.observed',
    at: clock.now(),
    incumbents: adoptedIncumbents(kernel.state, config.routing),
  });
  accessPoint.begin();
  power.compare();
  running.add(interval(config.discovery.resyncInterval).subscribe(lookAgain));

  const api: ControlApi = {
    status() {
      const status = usage.completed(statusOf(actor.getSnapshot(), clock.now(), wall));
      return { ...status, problems: [...status.problems, ...problems.all()] };
    },
    explain: (name) => explain(actor.getSnapshot(), name),
    plan: () => [...reconciler.currentPlan(), ...(dns?.currentPlan() ?? []), ...shaping.plan(), ...accessPoint.plan()],
    pin(name) {
      const found = explain(actor.getSnapshot(), name);
      if (name !== null && 'code' in found) return found;
      const at = clock.now();
      commands$.next(name === null ? { type: 'command.unpin', at } : { type: 'command.pin', at, name });
      return null;
    },
    budgets: () => usage.budgets(),
    resetBudget: (name) => usage.reset(name),
    setBudget: (name, usedBytes) => usage.set(name, usedBytes),
    hotspot: hotspot.api,
    subscribe(listener) {
      const subscription = events.subscribe(listener);
      return () => subscription.unsubscribe();
    },
    inspect: audienceOf(actor, {
      now: () => clock.now(),
      wallTime: wall,
      onDefect: (error) => log.error({ err: error }, 'the machines could not be shown'),
    }),
  };

  const end = async (): Promise<readonly Operation[]> => {
    running.unsubscribe();
    power.close();
    const standing = await accessPoint.close();
    await leases.close();
    await usage.close();
    await memory.close();
    const left = (await Promise.all([standing, reconciler.stop(), dns?.stop() ?? [], shaping.stop()])).flat();
    reports.unsubscribe();
    actor.stop();
    await flows.close();
    await traffic.close();
    await recorder?.close();
    await kernel.close();
    events.complete();
    log.info({ left }, 'the network is given back');
    return left;
  };
  await reconciler.settled();
  if (controlSocket === null) return { api, relayQos: shaping.relay, close: end };
  try {
    const server = await openControlServer(controlSocket, config.api.socketMode, api);
    return {
      api,
      relayQos: shaping.relay,
      async close() {
        await server.close();
        return end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The kernel's sockets would keep the process alive. */
async function closingOnFailure<T>(kernel: Kernel, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await kernel.close();
    throw error;
  }
}

async function proberFor(
  names: NameResolverOptions | undefined,
  note: (problem: Problem) => void,
): Promise<BoundProber> {
  const created = await createProber({ mode: 'auto', ...(names === undefined ? {} : { names }) });
  if (!created.ok) throw new BackhaulError(created.problem);
  if (created.prober.restriction !== null) note(created.prober.restriction);
  return created.prober;
}
