/** Long walks at random, which go where shortest paths do not: through what the search takes for alike. */
import { dice } from '../../fakes/dice.ts';
import type { Coverage } from './coverage.ts';
import { timedLogic } from './timed-logic.ts';
import { describeFault, shortest, take } from './walking.ts';
import type { Subject, World } from './world.ts';

/** In steps. */
const lengthOfWalk = 150;

/** One walk. What went wrong on it, as the seed and the shortest path that shows it; null when nothing did. */
export function walkAtRandom(subject: Subject, world: World, coverage: Coverage, seed: number): string | null {
  // A logic of its own: it keeps every moment it has been asked about.
  const walk = { subject, world, coverage, logic: timedLogic(subject.machine, world) };
  const roll = dice(seed);
  const names = Object.keys(world.happenings);
  const path = Array.from({ length: lengthOfWalk }, () => names[Math.floor(roll() * names.length)] ?? '');
  const fault = take(walk, path);
  return fault && `seed ${seed} ${describeFault(world, shortest(walk, fault))}`;
}
