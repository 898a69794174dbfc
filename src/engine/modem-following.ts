/** Wires what modems tell of their radio. */
import { exhaustMap, interval, merge, Subject, throttleTime, type SchedulerLike } from 'rxjs';

import { readModems, type ModemAnswer } from '../adapters/modem/modem-manager.ts';
import type { UplinkView } from '../machines/interface/interface.context.ts';
import type { Problem } from '../model/errors.ts';
import type { NodeEvent } from '../model/events.ts';
import { families, type Family } from '../model/family.ts';
import type { ModemStatus } from '../model/modem.ts';
import type { Status } from '../model/status.ts';
import { instant } from '../model/units.ts';
import { SignalFall } from '../streams/signal-fall.ts';
import type { ProblemBoard } from './problem-board.ts';

/** A modem measures about as often. In milliseconds. */
const every = 30_000;
/** Links come and go in batches; each reading starts processes. In milliseconds. */
const spacing = 2000;

/** An uplink by a modem, and the families it has a way out for. */
export interface ModemUplink {
  readonly index: number;
  readonly name: string;
  readonly families: readonly Family[];
}

export const modemUplinksOf = (views: ReadonlyMap<number, UplinkView>): readonly ModemUplink[] =>
  [...views].flatMap(([index, { name, type, candidacy }]) =>
    type === 'lteModem'
      ? [
          {
            index,
            name,
            families: families.filter((family) => candidacy.isCandidate && candidacy.paths[family] !== null),
          },
        ]
      : [],
  );

export interface ModemFollowing {
  /** To be told of each event: a link that comes or changes is a reason to ask now. */
  see(event: NodeEvent): void;
  /** The status with what modems have told. */
  completed(status: Status): Status;
  close(): void;
}

export interface ModemFollowingOptions {
  readonly scheduler: SchedulerLike;
  readonly problems: Pick<ProblemBoard, 'note' | 'solve'>;
  readonly now: () => number;
  /** Those there are now. While there are none nobody is asked. */
  readonly uplinks: () => readonly ModemUplink[];
  readonly onEvent: (event: NodeEvent) => void;
  readonly read?: () => Promise<ModemAnswer>;
}

export function followModems({
  scheduler,
  problems,
  now,
  uplinks,
  onEvent,
  read = readModems,
}: ModemFollowingOptions): ModemFollowing {
  let modems: ReadonlyMap<string, ModemStatus> = new Map();
  let trouble: Problem | null = null;
  const falls = new Map<string, SignalFall>();

  const take = (answer: ModemAnswer | null): void => {
    modems = answer?.kind === 'read' ? answer.modems : new Map();
    const before = trouble;
    trouble = answer?.kind === 'broken' ? answer.problem : null;
    // It is said once, however often it fails, and in whatever other words.
    if (before === null && trouble !== null) problems.note(trouble);
    if (before !== null && trouble === null) problems.solve(before);
    for (const name of falls.keys()) {
      if (!modems.has(name) && answer?.kind !== 'broken') falls.delete(name);
    }
    for (const { index, name, families: ways } of uplinks()) {
      const status = modems.get(name);
      if (status === undefined) continue;
      const fall = falls.get(name) ?? new SignalFall();
      falls.set(name, fall);
      if (!fall.note(status)) continue;
      for (const family of ways) {
        onEvent({ type: 'uplink.suspected', at: instant(now()), index, family, signal: 'signalLost' });
      }
    }
  };

  const nudges = new Subject<void>();
  const readings = merge(
    interval(every, scheduler),
    nudges.pipe(throttleTime(spacing, scheduler, { leading: true, trailing: true })),
  )
    .pipe(exhaustMap(async () => (uplinks().length === 0 ? null : read())))
    .subscribe(take);

  return {
    see(event) {
      if (event.type === 'interface.found' || event.type === 'interface.changed') {
        if (uplinks().some(({ index }) => index === event.facts.index)) nudges.next();
      }
    },
    completed: (status) => ({
      ...status,
      interfaces: status.interfaces.map((each) => ({ ...each, modem: modems.get(each.name) ?? null })),
    }),
    close: () => readings.unsubscribe(),
  };
}
