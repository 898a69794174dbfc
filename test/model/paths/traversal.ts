/**
 * Finds paths that take every happening in every situation that can be told apart. The search is that of `xstate/graph`:
 * the shortest path to each situation, and from its end one step for each thing that may happen there.
 */
import { getShortestPaths, type TraversalOptions } from 'xstate/graph';
import { nextTimer, type Happened, type Moment, type TimedLogic } from './timed-logic.ts';
import type { World } from './world.ts';

/** The names of happenings, in order. */
export type Path = readonly string[];

export interface Traversal {
  readonly situations: number;
  readonly paths: readonly Path[];
}

export function traverse(logic: TimedLogic, world: World, limit = 200_000): Traversal {
  const names = Object.keys(world.happenings);
  const possible = (moment: Moment): readonly string[] => names.filter((name) => logic.deedOf(moment, name) !== null);
  const options: TraversalOptions<Moment, Happened, unknown> = {
    events: (moment) => possible(moment).map((type) => ({ type })),
    serializeState: (moment) => keyOf(moment, world),
    serializeEvent: ({ type }) => type,
    limit,
  };
  const found = getShortestPaths(logic, options).map(({ steps }) => steps.slice(1).map(({ event }) => event.type));
  const paths = found.flatMap((path) => possible(momentAfter(logic, path)).map((name) => path.concat(name)));
  return { situations: found.length, paths: withoutBeginnings(paths) };
}

export const momentAfter = (logic: TimedLogic, path: Path): Moment =>
  path.reduce((moment, name) => logic.after(moment, name), logic.first);

const keyOf = ({ snapshot, now, timers }: Moment, world: World): string =>
  JSON.stringify([snapshot.value, nextTimer(timers)?.event.type, ...world.keyOf(snapshot, now)]);

/** Leaves out each path that another one begins with: its steps are taken there. */
function withoutBeginnings(paths: readonly Path[]): readonly Path[] {
  const begun = new Set(paths.map((path) => path.slice(0, -1).join('\n')));
  return paths.filter((path) => !begun.has(path.join('\n')));
}
