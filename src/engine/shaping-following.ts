/** Has traffic shared out. Loaded only where it is to be, or where a former run has left something of it. */
import type { SchedulerLike } from 'rxjs';

import { openShapingJournal } from '../adapters/shaping/shaping.journal.ts';
import { createShapingTarget } from '../adapters/shaping/tc.ts';
import { ShapingFollower } from '../effects/shaping/shaping-follower.ts';
import type { Config } from '../model/config.ts';
import type { Problem } from '../model/errors.ts';
import type { BitsPerSecond } from '../model/units.ts';

export interface ShapingFollowingOptions {
  readonly config: Pick<Config, 'hotspot' | 'relayQos' | 'routing'>;
  readonly stateDirectory: string;
  readonly scheduler: SchedulerLike;
  readonly throttleRateOf: (index: number) => BitsPerSecond;
  readonly onProblem: (problem: Problem) => void;
}

export function openShapingFollowing({
  config,
  stateDirectory,
  scheduler,
  throttleRateOf,
  onProblem,
}: ShapingFollowingOptions): ShapingFollower {
  const { journal, problems } = openShapingJournal(stateDirectory);
  for (const problem of problems) onProblem(problem);
  return new ShapingFollower({
    target: createShapingTarget(),
    journal,
    settings: { hotspot: config.hotspot.qos, relay: config.relayQos, throttleRateOf },
    execute: config.routing.execute,
    scheduler,
  });
}
