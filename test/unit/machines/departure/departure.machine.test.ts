import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import type { DepartureDecided } from '../../../../src/machines/departure/departure.context.ts';
import { departureMachine } from '../../../../src/machines/departure/departure.machine.ts';
import { milliseconds } from '../../../../src/model/units.ts';
import { DiscreteClock } from '../../../fakes/discrete-clock.ts';
import { address } from '../examples.ts';

const path = { addresses: [address('10.0.2.5')], gateway: '10.0.2.1' };
const works = { isDead: false, hasWayOut: true };
const isStranded = { isDead: true, hasWayOut: true };
const isTrapped = { isDead: true, hasWayOut: false };

/** The actor of an uplink that was left, and what it told its parent. */
function bench(isExpensive: boolean, linger = 30_000) {
  const clock = new DiscreteClock();
  clock.advance(100);
  const told: DepartureDecided[] = [];
  const input = {
    index: 2,
    name: 'wwan0',
    family: 'ipv4',
    path,
    isExpensive,
    linger: milliseconds(linger),
    at: clock.now(),
  } as const;
  const isDecision = (event: { readonly type: string }): event is DepartureDecided =>
    event.type === 'departure.decided';
  const actor = createActor(departureMachine, {
    input,
    clock,
    inspect: (seen) => {
      if (seen.type === '@xstate.event' && isDecision(seen.event)) told.push(seen.event);
    },
  }).start();
  const stand = (standing: typeof works): unknown => {
    actor.send({ type: 'standing.changed', ...standing, at: clock.now() });
    return actor.getSnapshot().value;
  };
  const value = () => actor.getSnapshot().value;
  return { clock, told, stand, value, actor };
}

describe('ROUT-6: an uplink that was left', () => {
  test.each([
    ['finishing', 'free and works', false, works],
    ['lingering', 'expensive and works', true, works],
    ['ended', 'free and dead, with a way out elsewhere', false, isStranded],
    ['ended', 'expensive and dead, with a way out elsewhere', true, isStranded],
    ['trapped', 'dead, as all else is', false, isTrapped],
    ['trapped', 'expensive and dead, as all else is', true, isTrapped],
  ])('is %s when it is %s', (state, _, isExpensive, standing) => {
    expect(bench(isExpensive).stand(standing)).toBe(state);
  });

  test.each([
    [false, [works, isTrapped, works, isStranded, works], ['finishing', 'trapped', 'finishing', 'ended', 'finishing']],
    [true, [works, isTrapped, works, isStranded, works], ['lingering', 'trapped', 'lingering', 'ended', 'ended']],
    [true, [works, isStranded, isTrapped, works], ['lingering', 'ended', 'ended', 'ended']],
    [false, [isTrapped, isTrapped, isStranded], ['trapped', 'trapped', 'ended']],
    [false, [isStranded, isTrapped, works, isTrapped], ['ended', 'ended', 'finishing', 'trapped']],
    [true, [works, works], ['lingering', 'lingering']],
  ])('expensive %s: goes as it stands', (isExpensive, standings, states) => {
    const { stand } = bench(isExpensive);
    expect(standings.map(stand)).toEqual(states);
  });

  test('has its flows ended when it is dead, and the order revoked when it works again', () => {
    const { clock, told, stand } = bench(false);
    stand(works);
    expect(told).toEqual([]);
    clock.advance(5);
    stand(isStranded);
    const decided = { type: 'departure.decided', index: 2, family: 'ipv4' };
    const order = { index: 2, name: 'wwan0', family: 'ipv4', path, since: 105 };
    expect(told).toEqual([{ ...decided, stranded: { ...order, because: 'wwan0 leads nowhere any more' }, at: 105 }]);
    clock.advance(5);
    stand(works);
    expect(told.at(-1)).toEqual({ ...decided, stranded: null, at: 110 });
  });

  test('that costs money has its flows ended when they had their time, to the millisecond', () => {
    const { clock, told, stand, value, actor } = bench(true);
    stand(works);
    clock.advance(29_999);
    expect([value(), told]).toEqual(['lingering', []]);
    clock.advance(1);
    expect(value()).toBe('ended');
    expect(told.map(({ stranded, at }) => [stranded?.because, stranded?.since, at])).toEqual([
      ['wwan0 costs money, and its flows had 30s to finish', 30_100, 30_100],
    ]);
    expect([actor.getSnapshot().context.now, clock.pending]).toEqual([30_100, 0]);
  });

  test('lingers from the first word on, not from when it was left', () => {
    const { clock, told, stand } = bench(true);
    clock.advance(5);
    stand(works);
    clock.advance(30_000);
    expect(told.map(({ at }) => at)).toEqual([30_105]);
  });

  test('without any linger has them ended at once, and none that came later', () => {
    const { clock, told, stand } = bench(true, 0);
    stand(works);
    clock.advance(0);
    expect(told).toHaveLength(1);
    stand(works);
    expect(told).toHaveLength(1);
  });

  test.each([
    [false, works, isTrapped],
    [false, isTrapped, isStranded],
    [false, isTrapped, works],
    [true, works, isTrapped],
    [true, works, isStranded],
    [true, isTrapped, works],
    [false, isStranded, isTrapped],
    [false, isStranded, works],
    [false, works, { isDead: false, hasWayOut: false }],
  ])('expensive %s: knows at each step how it stands, and since when', (isExpensive, first, second) => {
    const { clock, stand, actor } = bench(isExpensive);
    stand(first);
    expect(actor.getSnapshot().context).toMatchObject({ ...first, now: 100 });
    clock.advance(7);
    stand(second);
    expect(actor.getSnapshot().context).toMatchObject({ ...second, now: 107 });
  });

  test('is finishing before its parent’s first word', () => {
    expect(bench(true).value()).toBe('finishing');
  });

  test('starts out as one that works', () => {
    expect(bench(true).actor.getSnapshot().context).toMatchObject({ ...works, now: 100 });
  });
});
