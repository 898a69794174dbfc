/** Wires all that follows what the machines want beside the routes: name servers, flows, leases, modems, hotspot, shares of traffic. */
import type { SchedulerLike } from 'rxjs';

import type { Log } from '../adapters/log/log.ts';
import type { Kernel } from '../adapters/netlink/kernel.ts';
import type { NameServerSource } from '../adapters/probes/name-resolver.ts';
import type { DnsSource } from '../effects/ports.ts';
import type { ReconcilerReport } from '../effects/network/reconciler.ts';
import type { Config } from '../model/config.ts';
import type { UplinkServers } from '../model/dns.ts';
import type { Problem } from '../model/errors.ts';
import type { NodeEvent, NodeIntent } from '../model/events.ts';
import type { HotspotStatus } from '../model/hotspot.ts';
import type { InterfaceFacts } from '../model/interface.ts';
import type { Operation } from '../model/network.ts';
import type { Instant } from '../model/units.ts';
import { connectPhones } from './bluetooth-connecting.ts';
import { openDns } from './dns.ts';
import { openFlowFollowing } from './flow-following.ts';
import { openHotspotControl, type HotspotControl } from './hotspot-control.ts';
import { openHotspot } from './hotspot.ts';
import { openLeases } from './leases.ts';
import { followModems, type ModemFollowing, type ModemUplink } from './modem-following.ts';
import type { ProblemBoard } from './problem-board.ts';
import { openShaping, throttleRate } from './shaping.ts';

/** What the machines know, for those who have to ask. */
export interface Known {
  readonly facts: (index: number) => InterfaceFacts | null;
  /** The name servers that the configuration names for a link, and those of its lease. */
  readonly configuredServers: (index: number) => readonly string[];
  readonly leasedServers: (index: number) => readonly string[];
  readonly hotspot: () => HotspotStatus | null;
  readonly modemUplinks: () => readonly ModemUplink[];
}

export interface FollowersOptions {
  readonly config: Config;
  readonly stateDirectory: string;
  readonly controlSocket: string | null;
  readonly kernel: Kernel;
  readonly scheduler: SchedulerLike;
  readonly log: Log;
  readonly problems: ProblemBoard;
  readonly now: () => Instant;
  readonly known: Known;
  readonly nameServers: NameServerSource;
  /** What enters the machines. */
  readonly send: (event: NodeEvent) => void;
  readonly onReport: (report: ReconcilerReport) => void;
  readonly onServers: (servers: ReadonlyMap<number, UplinkServers>) => void;
}

export interface Followers {
  /** Tells the machines what a former run knew: before they know the kernel's choice. */
  recall(): void;
  /** Tells them from then on what there is to follow with. */
  begin(): void;
  /** Something else is wanted. */
  want(intent: NodeIntent): void;
  /** A route was changed. */
  reroute(): void;
  /** The routes of an intent stand. */
  routed(intent: NodeIntent): void;
  /** Sees what enters the machines, after they have. */
  see(event: NodeEvent): void;
  /** Looks again at what nobody reports. */
  refresh(): void;
  plan(): readonly Operation[];
  /** Ends those who need the uplinks' addresses for it: to be called before anything is given back. */
  leave(): Promise<readonly Operation[]>;
  /** Gives back what stands beside the routes. */
  giveBack(): Promise<readonly Operation[]>;
  /** After the machines have ended. */
  close(): Promise<void>;
  readonly relayQos: (isActive: boolean) => Promise<Problem | null>;
  /** Null: name servers do not follow. */
  readonly dnsSource: DnsSource | null;
  readonly hotspot: HotspotControl;
  readonly modems: ModemFollowing;
}

/** Each is loaded when it is needed first: a node without a hotspot pays nothing for it. */
export async function openFollowers(options: FollowersOptions): Promise<Followers> {
  const { config, stateDirectory, controlSocket, kernel, scheduler, log, problems, now, known, send, onReport } =
    options;
  const onProblem = problems.note;
  const flows = await openFlowFollowing({ config, stateDirectory, kernel, log, now, onProblem });
  const hotspot = await openHotspotControl({
    config: config.hotspot,
    stateDirectory,
    log,
    problems,
    now,
    send,
    status: known.hotspot,
  });
  const dns = await openDns(config, stateDirectory, {
    scheduler,
    configured: known.configuredServers,
    leased: known.leasedServers,
    onProblem,
    onServers: options.onServers,
  });
  const shaping = openShaping({
    config,
    stateDirectory,
    scheduler,
    throttleRateOf: (index) => throttleRate(known.facts(index), config),
    onProblem,
  });
  const leases = await openLeases({
    execute: config.routing.execute,
    stateDirectory,
    scheduler,
    log,
    nameOf: (index) => kernel.state.links.get(index)?.name ?? null,
    onEvent: send,
    onProblem,
  });
  const modems = followModems({ scheduler, problems, now, uplinks: known.modemUplinks, onEvent: send });
  const accessPoint = await openHotspot({
    config,
    stateDirectory,
    controlSocket,
    kernel,
    scheduler,
    log,
    problems,
    now,
    keys: hotspot.keys,
    onboarding: hotspot.onboarding,
    nameServers: options.nameServers,
    onEvent: send,
  });
  const { enabled, connect } = config.bluetoothPan;
  const phones = connectPhones({ addresses: enabled && config.routing.execute ? connect : [], problems, scheduler });
  const reports = shaping.reports.subscribe(onReport);
  reports.add(dns?.reports.subscribe(onReport));

  return {
    recall() {
      const remembered = hotspot.remembered();
      if (remembered !== null) send(remembered);
      leases.tellRemembered();
    },
    begin: () => accessPoint.begin(),
    want(intent) {
      flows.want(intent);
      leases.want(intent);
      accessPoint.want(intent);
    },
    reroute: () => flows.check(),
    routed(intent) {
      dns?.setIntent(intent.network);
      shaping.want(intent.network);
      flows.settled(intent);
    },
    see(event) {
      shaping.see(event);
      leases.see(event);
      modems.see(event);
    },
    refresh() {
      dns?.refresh();
      shaping.refresh();
      accessPoint.refresh();
    },
    plan: () => [...(dns?.currentPlan() ?? []), ...shaping.plan(), ...accessPoint.plan()],
    async leave() {
      modems.close();
      phones.close();
      const left = await accessPoint.close();
      await leases.close();
      return left;
    },
    giveBack: async () => (await Promise.all([dns?.stop() ?? [], shaping.stop()])).flat(),
    async close() {
      reports.unsubscribe();
      await flows.close();
    },
    relayQos: (isActive) => shaping.relay(isActive),
    dnsSource: dns?.source ?? null,
    hotspot,
    modems,
  };
}
