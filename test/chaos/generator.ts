/** Faults in a row, drawn by chance: what may happen depends on the world alone, and on no clock. */
import type { Fault } from './fault.ts';
import { among, applied, drawOf, faultKinds, weightOf, type Dice } from './faults.ts';
import { initialWorld, type World } from './world.ts';

/** One fault that may happen in this world, drawn by the weights. */
export function drawFault(world: World, dice: Dice): Fault {
  const weights = faultKinds.map((kind) => weightOf(kind, world));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (;;) {
    let left = dice() * total;
    const kind = faultKinds[weights.findIndex((weight) => (left -= weight) < 0)];
    const fault = kind === undefined ? undefined : drawOf(kind, world, dice);
    if (fault !== undefined) return fault;
  }
}

/** A step: faults that happen one right after the other, then a time in which nothing does. */
export interface Step {
  readonly faults: readonly Fault[];
  readonly holdMs: number;
}

/** The steps of a seed. The longer list begins with the shorter one. */
export function drawSteps(dice: Dice, count: number): readonly Step[] {
  const steps: Step[] = [];
  let world: World = initialWorld;
  for (let number = 0; number < count; number += 1) {
    const faults: Fault[] = [];
    for (let left = among(dice, [1, 1, 1, 1, 2, 2, 3]) ?? 1; left > 0; left -= 1) {
      const fault = drawFault(world, dice);
      world = applied(world, fault);
      faults.push(fault);
    }
    const holdMs = among(dice, [0, 0, 0, 200, 500, 1000, 2000, 5000]) ?? 0;
    steps.push({ faults, holdMs });
  }
  return steps;
}
