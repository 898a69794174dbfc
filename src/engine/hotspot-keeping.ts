/** Wires what makes the hotspot: radio, hostapd, dnsmasq, nftables and the little web server. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SchedulerLike } from 'rxjs';

import { createClock, schedulerOf } from '../adapters/clock.ts';
import { openHotspotJournal } from '../adapters/hotspot/hotspot.journal.ts';
import { createHotspotTarget } from '../adapters/hotspot/hotspot.target.ts';
import type { Onboarding } from '../adapters/hotspot/onboarding-page.ts';
import { watchRadio } from '../adapters/hotspot/radio.source.ts';
import { runtimeDirectoryName } from '../adapters/hotspot/runtime-files.ts';
import type { Log } from '../adapters/log/log.ts';
import type { Kernel } from '../adapters/netlink/kernel.ts';
import type { NameServerSource } from '../adapters/probes/name-resolver.ts';
import { HotspotKeeper } from '../effects/hotspot/hotspot-keeper.ts';
import type { HotspotReport } from '../effects/hotspot/hotspot.opening.ts';
import type { KeySource } from '../effects/ports.ts';
import { defaultConfig, type Config } from '../model/config.ts';
import { describe } from '../model/errors.ts';
import type { NodeEvent, NodeIntent } from '../model/events.ts';
import { besideName } from '../model/hotspot.ts';
import type { KernelChange, KernelState } from '../model/kernel.ts';
import type { Operation } from '../model/network.ts';
import type { Instant } from '../model/units.ts';
import type { ProblemBoard } from './problem-board.ts';

export interface HotspotKeepingOptions {
  readonly config: Pick<Config, 'hotspot' | 'routing'>;
  readonly stateDirectory: string;
  /** Files of the services are beside it while they run; null: in the state directory. */
  readonly controlSocket: string | null;
  readonly kernel: Pick<Kernel, 'state' | 'subscribe'>;
  readonly scheduler: SchedulerLike;
  readonly log: Log;
  readonly problems: ProblemBoard;
  readonly now: () => Instant;
  readonly keys: KeySource | null;
  readonly onboarding: Onboarding | null;
  /** Who knows the name servers of an uplink. */
  readonly nameServers: NameServerSource;
  readonly onEvent: (event: NodeEvent) => void;
}

/** Brings the hotspot to what the machines want of it. */
export interface HotspotKeeping {
  /** Tells the machines of the radio: now, and whenever it changes. */
  begin(): void;
  want(intent: NodeIntent): void;
  /** Looks again at what nobody reports. */
  refresh(): void;
  plan(): readonly Operation[];
  /** Takes it down; resolves to what could not be taken away. */
  close(): Promise<readonly Operation[]>;
}

const noKeys: KeySource = { keysFor: () => [] };

export function openHotspotKeeping(options: HotspotKeepingOptions): HotspotKeeping {
  const { config, stateDirectory, controlSocket, kernel, scheduler, log, problems, now, onEvent } = options;
  const { hotspot } = config;
  const { journal, problems: damages } = openHotspotJournal(stateDirectory);
  for (const problem of damages) problems.note(problem);
  const radio = watchRadio({
    name: hotspot.interface,
    state: () => kernel.state,
    onChange: (facts) => onEvent({ type: 'radio.changed', at: now(), radio: facts }),
    onProblem: problems.note,
    onSolved: (problem) => {
      if (problems.has(problem)) problems.solve(problem);
    },
  });
  const target = createHotspotTarget({
    runtimeDirectory: join(controlSocket === null ? stateDirectory : dirname(controlSocket), runtimeDirectoryName),
    keys: options.keys ?? noKeys,
    onboarding: options.onboarding,
    state: () => kernel.state,
  });
  const keeper = new HotspotKeeper({
    config: hotspot,
    execute: config.routing.execute,
    scheduler,
    radio,
    journal,
    target,
    takenBeside: (name) => networksBeside(kernel.state, name),
    uniquePrefix: uniqueLocalPrefix(),
    serversOf: async ({ ipv4, ipv6 }) => {
      const indexes = new Set([ipv4, ipv6].filter((index) => index !== null));
      const found = await Promise.all([...indexes].map(async (index) => options.nameServers.of(index)));
      return [...new Set(found.flat().map(({ address }) => address))];
    },
  });
  const reports = keeper.reports.subscribe((report) => tell(report, options));
  const unsubscribe = kernel.subscribe((changes) => {
    if (hotspot.enabled && changes.some((change) => isOfLink(change, hotspot.interface))) radio.look();
    const own = linksNamed(kernel.state, hotspot.interface);
    if (changes.some((change) => isAddressLoss(change, own))) keeper.refresh();
    else if (changes.some((change) => isOtherAddress(change, own))) keeper.reconsider();
  });
  return {
    begin() {
      if (!hotspot.enabled) return;
      radio.begin();
      if (config.routing.execute) void target.prepare();
    },
    want: ({ hotspot: wanted, network }) => keeper.setIntent(wanted, network),
    refresh() {
      if (hotspot.enabled) radio.look();
      keeper.refresh();
    },
    plan: () => keeper.currentPlan(),
    async close() {
      unsubscribe();
      const left = await keeper.stop();
      reports.unsubscribe();
      await radio.close();
      if (left.length > 0) log.warn({ left }, 'parts of the hotspot could not be taken away');
      return left;
    },
  };
}

/** Takes away what the journal knows of, with nobody about to tell of it. */
export async function removeHotspot(
  stateDirectory: string,
): Promise<{ readonly removed: readonly Operation[]; readonly left: readonly Operation[] }> {
  const removed: Operation[] = [];
  const { journal } = openHotspotJournal(stateDirectory);
  const keeper = new HotspotKeeper({
    config: defaultConfig.hotspot,
    execute: true,
    scheduler: schedulerOf(createClock()),
    radio: { read: async () => null },
    journal,
    target: createHotspotTarget({
      runtimeDirectory: join(stateDirectory, runtimeDirectoryName),
      keys: noKeys,
      onboarding: null,
      state: () => null,
    }),
    takenBeside: () => [],
    uniquePrefix: null,
    serversOf: async () => [],
  });
  keeper.reports.subscribe((report) => {
    if (report.type === 'operation.executed' && report.problem === null) removed.push(report.operation);
  });
  return { left: await keeper.stop(), removed };
}

function tell(report: HotspotReport, { log, problems, now, onEvent }: HotspotKeepingOptions): void {
  switch (report.type) {
    case 'operation.executed': {
      const { type, target, because } = report.operation;
      const entry = { component: 'audit', operation: type, target, because, result: report.problem ?? 'ok' };
      log.info(entry, `${type} ${target}${report.problem === null ? '' : `: ${describe(report.problem)}`}`);
      return;
    }
    case 'noted':
      problems.note(report.problem);
      return;
    case 'solved':
      problems.solve(report.problem);
      return;
    case 'hotspot.opened':
    case 'hotspot.failed':
    case 'hotspot.closed':
    case 'hotspot.clients':
      onEvent({ ...report, at: now() });
      return;
    default:
      report satisfies never;
  }
}

/** The access point's interface, and the one beside a station. */
const linksNamed = (state: KernelState, radio: string): ReadonlySet<number> =>
  new Set(
    [...state.links.values()].flatMap(({ index, name }) =>
      name === radio || name === besideName(radio) ? [index] : [],
    ),
  );

const isOfLink = (change: KernelChange, name: string): boolean =>
  change.object === 'link' && (change.before?.name === name || change.after?.name === name);

const isAddressLoss = (change: KernelChange, own: ReadonlySet<number>): boolean =>
  change.object === 'address' && change.after === null && change.before !== null && own.has(change.before.linkIndex);

const isOtherAddress = (change: KernelChange, own: ReadonlySet<number>): boolean =>
  change.object === 'address' && change.after !== null && !own.has(change.after.linkIndex);

function networksBeside(state: KernelState, radio: string): readonly string[] {
  const own = linksNamed(state, radio);
  return [...state.addresses.values()].flatMap(({ linkIndex, address, prefixLength, peer }) =>
    own.has(linkIndex) ? [] : [`${peer ?? address}/${prefixLength}`],
  );
}

/**
 * A prefix of one's own for the clients (RFC 4193, 3.2): the same after each start, as clients keep addresses, and
 * another on every machine. Null where the kernel has no IPv6.
 */
function uniqueLocalPrefix(): string | null {
  if (!existsSync('/proc/sys/net/ipv6/conf/all/forwarding')) return null;
  const digits = createHash('sha256').update(`backhauld hotspot ${machineId()}`).digest('hex');
  // As the kernel writes it: without leading zeros.
  const group = (at: number): string => Number.parseInt(digits.slice(at, at + 4), 16).toString(16);
  return `fd${digits.slice(0, 2)}:${group(2)}:${group(6)}:${group(10)}`;
}

function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return randomBytes(16).toString('hex');
  }
}
