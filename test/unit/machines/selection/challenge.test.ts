import { expect, test } from 'vitest';
import { createActor } from 'xstate';
import { selectionMachine } from '../../../../src/machines/selection/selection.machine.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import { DiscreteClock } from '../../../fakes/discrete-clock.ts';
import { contender } from '../examples.ts';

test('SEL-1: the challenge that is waited for says how many rounds are left, and goes on waiting meanwhile', () => {
  const clock = new DiscreteClock();
  const challenger = contender({ index: 3, name: 'eth0', score: 1000, rounds: 5 });
  const contenders = [contender({ index: 2, name: 'wlan0', bias: 80, score: 900 }), challenger];
  const input = { family: 'ipv4', config: defaultConfig.selection, contenders, pinned: null, incumbent: 2 } as const;
  const actor = createActor(selectionMachine, { input: { ...input, at: clock.now() }, clock }).start();
  const awaited = () => actor.getSnapshot().context.awaited;
  expect(awaited()).toMatchObject({ name: 'eth0', dueAt: 10_000, roundsLeft: 3 });
  clock.advance(4000);
  actor.send({ type: 'contender.changed', contender: { ...challenger, rounds: 7 }, at: clock.now() });
  expect([awaited(), clock.nextDueAt]).toMatchObject([{ name: 'eth0', dueAt: 10_000, roundsLeft: 1 }, 10_000]);
});
