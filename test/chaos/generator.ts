/** Faults in a row, drawn by chance: what may happen depends on the world alone, and on no clock. */
import type { Fault } from './fault.ts';
import { among, applied, faultKinds, kindOf, type Dice } from './faults.ts';
import { ills, initialWorld, type World } from './world.ts';

/** One fault that may happen in this world, drawn by the weights. */
export function drawFault(world: World, dice: Dice): Fault {
  const wrong = ills(world);
  const weights = faultKinds.map((kind) => {
    const { weight, mends } = kindOf(kind);
    return mends === true ? weight * (0.5 + wrong / 2) : weight;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (;;) {
    let left = dice() * total;
    const position = weights.findIndex((weight) => (left -= weight) < 0);
    const kind = faultKinds[position];
    const fault = kind === undefined ? undefined : kindOf(kind).draw(world, dice);
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
