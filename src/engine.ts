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
import { openKernel } from './adapters/netlink/kernel.ts';
import type { NameResolverOptions } from './adapters/probes/name-resolver.ts';
import { createSysfs } from './adapters/sysfs/sysfs.ts';
import { adoptedIncumbents } from './effects/network/adopt.ts';
import type { ReconcilerReport } from './effects/network/reconciler.ts';
import { noIntent } from './machines/node/intent.decisions.ts';
import { factsOf, memoriesOf, statusOf } from './machines/status/status.selectors.ts';
import { uplinkConfigOf } from './machines/interface/uplink-match.decisions.ts';
import { leastTimeout, type Config } from './model/config.ts';
import { describe, type Problem } from './model/errors.ts';
import type { NodeEmission, NodeEvent, NodeIntent } from './model/events.ts';
import type { Operation } from './model/network.ts';
import { elapsed, type Instant } from './model/units.ts';
import { createControlApi } from './engine/control-api.ts';
import { openFollowers, type Known } from './engine/followers.ts';
import { createNameServers, hasNames } from './engine/name-servers.ts';
import { createMachines } from './engine/machines.ts';
import { modemUplinksOf } from './engine/modem-following.ts';
import { createProblemBoard } from './engine/problem-board.ts';
import { followPower } from './engine/power-following.ts';
import { closingOnFailure, openProber } from './engine/probing.ts';
import { openReconciler } from './engine/routing.ts';
import { sentenceOf } from './engine/sentences.ts';
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
  readonly relayQos: (isActive: boolean) => Promise<Problem | null>;
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
  kernel.subscribe((changes) => {
    if (changes.some(({ object, before, after }) => object === 'link' && before?.name !== after?.name)) sysfs.release();
  });
  const known: Known = {
    facts: (index) => factsOf(actor.getSnapshot(), index),
    configuredServers: (index) => {
      const facts = known.facts(index);
      return (facts === null ? null : uplinkConfigOf(facts, config.uplinks))?.dns ?? [];
    },
    leasedServers: (index) => actor.getSnapshot().context.leases.get(index)?.lease?.dns ?? [],
    hotspot: () => statusOf(actor.getSnapshot(), clock.now(), wall).hotspot,
    modemUplinks: () => modemUplinksOf(actor.getSnapshot().context.views),
  };
  const names: NameResolverOptions = {
    source: createNameServers({
      view: (index) => actor.getSnapshot().context.views.get(index),
      configured: known.configuredServers,
      leased: known.leasedServers,
      reader: () => followers.dnsSource,
      now: () => clock.now(),
    }),
    onProblem: note,
    onSolved: problems.solve,
  };
  const { prober, reconciler } = await closingOnFailure(kernel, async () => ({
    prober: await openProber(hasNames(config) ? names : undefined, note),
    reconciler: openReconciler(kernel, stateDirectory, config, scheduler, note),
  }));

  const traffic = await openTrafficCounting(config, kernel, log, problems);
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
  let wantedSince: Instant | null = null;
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
      followers.reroute();
    } else {
      commands$.next({ ...report, at: clock.now() });
    }
  };
  const followers = await openFollowers({
    config,
    stateDirectory,
    controlSocket,
    kernel,
    scheduler,
    log,
    problems,
    now: () => clock.now(),
    known,
    nameServers: names.source,
    send: (event) => commands$.next(event),
    onReport,
    onServers: (servers) => reconciler.setServers(servers),
  });

  const fail = async (problem: Problem): Promise<void> => {
    // What led to it is what has to be known.
    await recorder?.close();
    listeners.fail(problem);
  };

  const tell = (emission: NodeEmission): void => {
    events.next({ type: emission.type, data: emission });
    listeners.tell(emission);
  };
  // What moves traffic comes first: the reconciler's run is queued by `setIntent`, and what is queued from within the
  // queue comes after that, even if `setIntent` was yet to be called. Telling and probing can wait that long.
  const afterFirstMove = (callback: () => void): void => queueMicrotask(() => queueMicrotask(callback));
  actor.on('*', (emission) => {
    recorder?.told(emission);
    afterFirstMove(() => {
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
      const wanted = intent;
      afterFirstMove(() => {
        followers.want(wanted);
        void carriedOut.then(() => followers.routed(wanted));
        // A probe that leaves before its routes stand is a loss that never was.
        race(carriedOut, timer(longestRouting)).subscribe(() => {
          if (intents$.value === intent) return;
          if (intents$.value.network.uplinks !== intent.network.uplinks) traffic.follow(countedUplinks(intent.network));
          intents$.next(intent);
        });
      });
    },
    error(error: unknown) {
      const message = error instanceof Error ? error.message : String(error);
      log.fatal({ err: error }, 'the state machines failed');
      void fail({ code: 'actor.failed', subject: 'node', message: `the state machines failed: ${message}` });
    },
  });
  const reports = reconciler.reports.subscribe(onReport);

  const power = await followPower((onBattery) => commands$.next({ type: 'power.changed', at: clock.now(), onBattery }));
  const lookAgain = (): void => {
    power.compare();
    void kernel.resync();
    compareSysfs();
    reconciler.refresh();
    followers.refresh();
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
      followers.see(event);
      if (event.type === 'node.resumed') lookAgain();
      if (event.type === 'interface.lost') prober.forget(event.index);
    },
    error(error: unknown) {
      log.fatal({ err: error }, 'the event streams failed');
      void fail({ code: 'actor.failed', subject: 'streams', message: 'the event streams failed' });
    },
  });
  followers.recall();
  commands$.next({
    type: 'network.observed',
    at: clock.now(),
    incumbents: adoptedIncumbents(kernel.state, config.routing),
  });
  followers.begin();
  power.compare();
  running.add(interval(config.discovery.resyncInterval).subscribe(lookAgain));

  const api = createControlApi({
    actor,
    now: () => clock.now(),
    wall,
    problems,
    usage,
    modems: followers.modems,
    hotspot: followers.hotspot.api,
    plan: () => [...reconciler.currentPlan(), ...followers.plan()],
    send: (event) => commands$.next(event),
    events$: events,
    log,
  });

  const end = async (): Promise<readonly Operation[]> => {
    running.unsubscribe();
    power.close();
    const standing = await followers.leave();
    await usage.close();
    await memory.close();
    const left = [...standing, ...(await Promise.all([reconciler.stop(), followers.giveBack()])).flat()];
    reports.unsubscribe();
    actor.stop();
    await followers.close();
    await traffic.close();
    await recorder?.close();
    await kernel.close();
    sysfs.release();
    events.complete();
    log.info({ left }, 'the network is given back');
    return left;
  };
  await reconciler.settled();
  if (controlSocket === null) return { api, relayQos: followers.relayQos, close: end };
  try {
    const server = await openControlServer(controlSocket, config.api.socketMode, api);
    return {
      api,
      relayQos: followers.relayQos,
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
