/** Walks paths with real actors, and compares them step by step with the pure machine. */
import { isDeepStrictEqual } from 'node:util';
import type { Coverage } from './coverage.ts';
import { RealActor } from './real-actor.ts';
import { broken } from './rules.ts';
import type { Moment, TimedLogic } from './timed-logic.ts';
import type { Path } from './traversal.ts';
import type { Subject, World } from './world.ts';

export interface Walk {
  readonly subject: Subject;
  readonly world: World;
  readonly logic: TimedLogic;
  readonly coverage: Coverage;
}

/** Where a path went wrong, and how. */
export interface Fault {
  readonly path: Path;
  readonly what: readonly string[];
}

/** Takes a path. Beginnings that are in `seen`, from paths taken before, are not looked at again. */
export function take({ subject, world, logic, coverage }: Walk, path: Path, seen?: Set<string>): Fault | null {
  coverage.paths++;
  const actor = new RealActor(world.input, coverage);
  const looked = (taken: Path, moment: Moment): Fault | null => {
    const key = seen && taken.join('\n');
    if (key !== undefined) {
      if (seen?.has(key)) return null;
      seen?.add(key);
    }
    const what = [...differences(actor, moment), ...subject.violations(actor.sight)];
    return what.length === 0 ? null : { path: taken, what };
  };
  let moment = logic.first;
  let fault = looked([], moment);
  for (let length = 1; fault === null && length <= path.length; length++) {
    const taken = path.slice(0, length);
    const name = taken.at(-1) ?? '';
    const deed = logic.deedOf(moment, name);
    if (deed === null) continue;
    try {
      actor.undergo(deed);
      moment = logic.after(moment, name);
      fault = looked(taken, moment);
    } catch (error) {
      fault = {
        path: taken,
        what: [`nothing is thrown: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`],
      };
    }
  }
  return fault;
}

function differences(actor: RealActor, moment: Moment): readonly string[] {
  const { snapshot, now, timers } = actor.sight;
  return broken({
    [`the actor is in ${JSON.stringify(snapshot.value)}, as the pure machine is in ${JSON.stringify(moment.snapshot.value)}`]:
      isDeepStrictEqual(snapshot.value, moment.snapshot.value),
    'actor and pure machine know the same': isDeepStrictEqual(snapshot.context, moment.snapshot.context),
    [`it is ${moment.now} for the pure machine, as it is ${now} for the actor`]: now === moment.now,
    'actor and pure machine wait for the same timers': isDeepStrictEqual(
      timers.map(({ event, dueAt }) => [event, dueAt]),
      moment.timers.map(({ event, dueAt }) => [event.type, dueAt]),
    ),
    'the clock has the timers of the actor and no others': actor.clock.pending === timers.length,
  });
}

/** A path on the way of one that fails which still fails, and of which no part can be left out. */
export function shortest(fault: Fault, walk: (path: Path) => Fault | null): Fault {
  const { length } = fault.path;
  for (let width = Math.ceil(length / 2); width > 0; width--) {
    for (let start = 0; start + width <= length; start++) {
      const without = walk(fault.path.toSpliced(start, width));
      if (without !== null) return shortest(without, walk);
    }
  }
  return fault;
}

export const describeFault = (world: { readonly name: string }, { path, what }: Fault): string =>
  [
    `in ${world.name}:`,
    ...path.map((name, position) => `${position + 1}. ${name}`),
    ...what.map((one) => `→ it does not hold that ${one}`),
  ].join('\n');
