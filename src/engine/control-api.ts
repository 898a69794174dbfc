/** Wires what people and programs can ask of a running node. */
import type { Observable } from 'rxjs';
import type { Actor } from 'xstate';

import type { ControlApi, ControlEvent, HotspotApi } from '../adapters/control/api.ts';
import type { Log } from '../adapters/log/log.ts';
import { audienceOf } from '../inspection/audience.ts';
import type { nodeMachine } from '../machines/node/node.machine.ts';
import { explain, statusOf, type WallClock } from '../machines/status/status.selectors.ts';
import type { NodeEvent } from '../model/events.ts';
import type { Operation } from '../model/network.ts';
import type { Instant } from '../model/units.ts';
import type { ModemFollowing } from './modem-following.ts';
import type { ProblemBoard } from './problem-board.ts';
import type { UsageKeeping } from './usage-keeping.ts';

export interface ControlApiOptions {
  readonly actor: Actor<typeof nodeMachine>;
  readonly now: () => Instant;
  readonly wall: WallClock;
  readonly problems: ProblemBoard;
  readonly usage: UsageKeeping;
  readonly modems: Pick<ModemFollowing, 'completed'>;
  readonly hotspot: HotspotApi;
  readonly plan: () => readonly Operation[];
  /** What enters the machines. */
  readonly send: (event: NodeEvent) => void;
  readonly events$: Observable<ControlEvent>;
  readonly log: Log;
}

export function createControlApi(options: ControlApiOptions): ControlApi {
  const { actor, now, wall, problems, usage, modems, hotspot, plan, send, events$, log } = options;
  return {
    status() {
      const status = modems.completed(usage.completed(statusOf(actor.getSnapshot(), now(), wall)));
      return { ...status, problems: [...status.problems, ...problems.all()] };
    },
    explain: (name) => explain(actor.getSnapshot(), name),
    plan,
    pin(name) {
      const found = explain(actor.getSnapshot(), name);
      if (name !== null && 'code' in found) return found;
      const at = now();
      send(name === null ? { type: 'command.unpin', at } : { type: 'command.pin', at, name });
      return null;
    },
    budgets: () => usage.budgets(),
    resetBudget: (name) => usage.reset(name),
    setBudget: (name, usedBytes) => usage.set(name, usedBytes),
    hotspot,
    subscribe(listener) {
      const subscription = events$.subscribe(listener);
      return () => subscription.unsubscribe();
    },
    inspect: audienceOf(actor, {
      now,
      wallTime: wall,
      onDefect: (error) => log.error({ err: error }, 'the machines could not be shown'),
    }),
  };
}
