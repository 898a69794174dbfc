/** Wires what shares traffic out: on the hotspot, on the active uplink, on uplinks whose budget is used up. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Subject, type Observable } from 'rxjs';

import { classify } from '../machines/interface/classification.decisions.ts';
import { defaultThrottleRate, type Config } from '../model/config.ts';
import type { InterfaceFacts } from '../model/interface.ts';
import type { BitsPerSecond } from '../model/units.ts';
import type { ShapingFollower, ShapingReport } from '../effects/shaping/shaping-follower.ts';
import { noNetwork, type NetworkIntent, type Operation } from '../model/network.ts';
import type { NodeEvent } from '../model/events.ts';
import type { Problem } from '../model/errors.ts';
import type { ShapingFollowingOptions } from './shaping-following.ts';

export interface Shaping {
  /** Of what is done. Ends with `stop`. */
  readonly reports: Observable<ShapingReport>;
  /** Takes the newest intent. One that needs nothing shared out costs nothing. */
  want(network: NetworkIntent): void;
  /** Takes notice of a hotspot that opens or closes. */
  see(event: NodeEvent): void;
  /** Has relayed traffic shared out, or not. Resolves, when that stands, to what is in its way; null: nothing. */
  relay(isActive: boolean): Promise<Problem | null>;
  refresh(): void;
  plan(): readonly Operation[];
  /** Gives everything back; resolves to what could not be. */
  stop(): Promise<readonly Operation[]>;
}

/** The follower is loaded with the first thing to be shared out, or at once where a former run has left something. */
export function openShaping(options: ShapingFollowingOptions): Shaping {
  const { config, stateDirectory } = options;
  const isWatchingOnly = config.routing.monitorOnly;
  const reports = new Subject<ShapingReport>();
  let network = noNetwork;
  let hotspot: string | null = null;
  let isRelaying = config.relayQos.enabled;
  let opening: Promise<ShapingFollower> | null = null;
  let opened: ShapingFollower | null = null;
  let isEnding = false;

  const open = async (): Promise<ShapingFollower> => {
    const { openShapingFollowing } = await import('./shaping-following.ts');
    const follower = openShapingFollowing(options);
    follower.reports.subscribe((report) => reports.next(report));
    opened = follower;
    tell();
    return follower;
  };
  const isNeeded = (): boolean =>
    !isWatchingOnly && (isRelaying || hotspot !== null || (network.throttled?.length ?? 0) > 0);
  const tell = (): void => {
    if (isEnding) return;
    if (opened === null) {
      if (isNeeded()) opening ??= open();
      return;
    }
    if (isWatchingOnly) return;
    opened.setHotspot(hotspot);
    opened.setRelaying(isRelaying);
    opened.setIntent(network);
  };
  // The name is that of `shapingFile`, which is not loaded for this.
  if (existsSync(join(stateDirectory, 'shaping.json'))) opening = open();

  return {
    reports: reports.asObservable(),
    want(wanted) {
      network = wanted;
      tell();
    },
    see(event) {
      if (event.type === 'hotspot.opened') hotspot = event.network.interface;
      else if (event.type === 'hotspot.closed' || event.type === 'hotspot.failed') hotspot = null;
      else return;
      tell();
      // It may have been made anew under its old name.
      opened?.refresh();
    },
    async relay(isActive) {
      isRelaying = isActive;
      tell();
      const follower = await opening;
      await follower?.settled();
      return isActive ? (follower?.problems()[0] ?? null) : null;
    },
    refresh: () => opened?.refresh(),
    plan: () => opened?.currentPlan() ?? [],
    async stop() {
      isEnding = true;
      const left = (await (await opening)?.stop()) ?? [];
      reports.complete();
      return left;
    },
  };
}

/** What an uplink is slowed down to when its budget is used up. */
export function throttleRate(facts: InterfaceFacts | null, config: Config): BitsPerSecond {
  const policy = facts === null ? null : classify(facts, config).policy;
  return (policy?.kind === 'metered' ? policy.throttleRate : undefined) ?? defaultThrottleRate;
}

/** Removes all that shares traffic out in this network namespace; resolves to what is left. */
export async function cleanUpShaping(
  options: Omit<ShapingFollowingOptions, 'throttleRateOf'>,
  onReport: (report: ShapingReport) => void,
): Promise<readonly Operation[]> {
  const { openShapingFollowing } = await import('./shaping-following.ts');
  const follower = openShapingFollowing({ ...options, throttleRateOf: () => defaultThrottleRate });
  follower.reports.subscribe(onReport);
  return follower.stop();
}
