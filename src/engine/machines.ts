/** Wires the state machines to their clock and to the recorder of what enters them. */
import { join } from 'node:path';
import { createActor, type Actor } from 'xstate';

import type { SystemClock } from '../adapters/clock.ts';
import { createMachineTimers } from '../adapters/machine-timers.ts';
import { ownVersion } from '../adapters/own-version.ts';
import { createRecorder, type Recorder } from '../adapters/recorder/recorder.ts';
import { checkpointOf } from '../inspection/checkpoint.ts';
import { machinesDigest, networkDigest } from '../inspection/digest.ts';
import { nodeMachine } from '../machines/node/node.machine.ts';
import { withoutSecrets, type Config } from '../model/config.ts';
import type { ProblemBoard } from './problem-board.ts';

export interface MachinesOptions {
  readonly config: Config;
  readonly stateDirectory: string;
  readonly clock: SystemClock;
  readonly problems: ProblemBoard;
}

export interface Machines {
  readonly actor: Actor<typeof nodeMachine>;
  /** Null: nothing is recorded. */
  readonly recorder: Recorder | null;
}

export function createMachines({ config, stateDirectory, clock, problems }: MachinesOptions): Machines {
  const timers = createMachineTimers(
    () => clock.now(),
    (timer, at) => recorder?.timer(timer, at),
  );
  // Who can show or record what the machines know cannot tell what they do not.
  const known = withoutSecrets(config);
  const actor = createActor(nodeMachine, { input: { config: known }, clock: timers });
  const recorder: Recorder | null = config.recorder.enabled
    ? createRecorder({
        directory: join(stateDirectory, 'recordings'),
        limits: config.recorder,
        about: () => ({ program: ownVersion(), machines: machinesDigest() }),
        config: known,
        clock,
        checkpoint: () => checkpointOf(actor, timers),
        digest: networkDigest,
        onProblem: problems.note,
        onSolved: problems.solve,
      })
    : null;
  return { actor, recorder };
}
