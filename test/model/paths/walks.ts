/** Long walks at random, which go where shortest paths do not: through what the search takes for alike. */
import { dice } from '../../fakes/dice.ts';
import { hastyConfig } from '../../unit/machines/examples.ts';
import type { Coverage } from './coverage.ts';
import { System, type SystemCoverage } from './system.ts';
import { violations } from './system.rules.ts';
import type { SystemWorld } from './system.world.ts';
import { timedLogic } from './timed-logic.ts';
import type { Path } from './traversal.ts';
import { describeFault, shortest, take, type Fault } from './walking.ts';
import type { Subject, World } from './world.ts';

/** In steps. */
const lengthOfWalk = 150;

/** One walk of a machine. What went wrong, as the seed and the shortest path that shows it; null when nothing did. */
export function walkAtRandom(subject: Subject, world: World, coverage: Coverage, seed: number): string | null {
  // A logic of its own: it keeps every moment it has been asked about.
  const walk = { subject, world, coverage, logic: timedLogic(subject.machine, world) };
  return tell(world, seed, (path) => take(walk, path));
}

/** One walk of a whole node. */
export const walkSystemAtRandom = (world: SystemWorld, coverage: SystemCoverage, seed: number): string | null =>
  tell(world, seed, (path) => takeSystem(world, coverage, path));

function takeSystem(world: SystemWorld, coverage: SystemCoverage, path: Path): Fault | null {
  const system = new System(world.config ?? hastyConfig, coverage);
  for (const doing of world.before) doing(system);
  for (const [position, name] of path.entries()) {
    if (world.happenings[name]?.(system) !== true) continue;
    const what = violations(system);
    if (what.length > 0) return { path: path.slice(0, position + 1), what };
  }
  return null;
}

function tell(
  world: { readonly name: string; readonly happenings: object },
  seed: number,
  walk: (path: Path) => Fault | null,
): string | null {
  const roll = dice(seed);
  const names = Object.keys(world.happenings);
  const path = Array.from({ length: lengthOfWalk }, () => names[Math.floor(roll() * names.length)] ?? '');
  const fault = walk(path);
  return fault && `seed ${seed}, ${describeFault(world, shortest(fault, walk))}`;
}
