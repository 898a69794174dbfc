/** What must hold of a tether whatever happens to it. */
import type { SnapshotFrom } from 'xstate';
import type { TetherUpdated } from '../../../src/machines/tether/tether.context.ts';
import { settingsOf } from '../../../src/machines/tether/tether.decisions.ts';
import type { tetherMachine } from '../../../src/machines/tether/tether.machine.ts';
import type { ErrorCode } from '../../../src/model/errors.ts';
import type { TetherState } from '../../../src/model/tether.ts';
import { broken } from './rules.ts';
import type { Sight } from './world.ts';

type Snapshot = SnapshotFrom<typeof tetherMachine>;

export function violations({ snapshot, before, now, timers, told }: Sight<Snapshot>): readonly string[] {
  const { context } = snapshot;
  const { view, state, lease, hasWay, wasReady } = context;
  const { enabled, validateRoute } = settingsOf(context);
  const views = (told as readonly TetherUpdated[]).map((one) => one.view);
  const isReady = state === 'ready';
  return broken({
    'the parent knows all that it is to know': view !== null && view === views.at(-1),
    'the state that is told is the one it is in': view?.state === state && snapshot.matches(state),
    'it is kept back unless it is ready, or another manager has it':
      (view?.withheldBecause === null) === (isReady || (state === 'released' && enabled)),
    'it has been validated before it is ready':
      !isReady || before === null || before.context.state !== 'initializing' || !validateRoute || wasReady,
    'what another manager has is released': lease !== 'elsewhere' || state === 'released',
    'what is switched off stays so': enabled || state === 'released',
    'it is validated only while it has a way out': state !== 'validating' || hasWay,
    'it does not wait for a way out that it has': state !== 'initializing' || !hasWay,
    'a failure has a reason, which stands until it is solved': mayHave[state](view?.problem?.code ?? null),
    'it is tried again when it says':
      (view?.retryAt ?? null) === (state === 'failed' ? (timers[0]?.dueAt ?? -1) : null),
    'one timer runs while it waits, and none else':
      timers.length === Number(state === 'initializing' || state === 'validating' || state === 'failed'),
    'it waits for no more than five minutes': timers.every(({ dueAt }) => dueAt - now <= 300_000),
    'its link is up unless it is released': view?.isRaised === (state !== 'released'),
  });
}

/** Whether it may have this problem in a state. */
const mayHave: Readonly<Record<TetherState, (problem: ErrorCode | null) => boolean>> = {
  detected: (problem) => problem === null,
  initializing: () => true,
  validating: (problem) => problem === null || problem === 'tether.notValidated',
  ready: (problem) => problem === null,
  failed: (problem) => problem !== null,
  released: (problem) => problem === null,
};
