import { describe, expect, test } from 'vitest';
import {
  afterAnswer,
  afterFailure,
  afterUplinkLost,
  blameOf,
  isBlamed,
  unknownTarget,
  type TargetState,
} from '../../../src/streams/blame.ts';
import { instant } from '../../../src/model/units.ts';

const all = new Set([2, 3, 4]);

/** `2` answered through uplink 2, `-2` failed there while another answered, `'dark 2'`: nothing answered there. */
function after(steps: readonly (number | `dark ${number}`)[], reachable: ReadonlySet<number> = all): TargetState {
  return steps.reduce<TargetState>((state, step, time) => {
    const sentAt = instant(time);
    if (typeof step === 'number' && step > 0) return afterAnswer(state, step, sentAt);
    const index = typeof step === 'number' ? -step : Number(step.slice(5));
    return afterFailure(state, { index, sentAt, otherAnswered: typeof step === 'number', reachable });
  }, unknownTarget);
}

const times = (count: number, step: number): number[] => Array.from({ length: count }, () => step);

describe('HLTH-4: blame of a target', () => {
  test('its latest probe failed through every reachable uplink while another target answered: everywhere', () => {
    expect(blameOf(after([2, 3, 4, -2, -3]))).toEqual([]);
    expect(blameOf(after([2, 3, 4, -2, -3, -4]))).toEqual([null]);
    expect(isBlamed(after([-2, -3, -4]), 77)).toBe(true);
  });

  test('an uplink that is not reachable has no say', () => {
    expect(blameOf(after([4, -2, -3], new Set([2, 3])))).toEqual([null]);
  });

  test('an uplink through which nothing answers does not testify, and one alone is not enough', () => {
    expect(blameOf(after(['dark 2', -3, -4]))).toEqual([null]);
    expect(blameOf(after(['dark 2', 'dark 3', -4]))).toEqual([]);
    expect(blameOf(after([-4], new Set([4])))).toEqual([]);
  });

  test('it failed ten times running through one uplink while another answered: there', () => {
    expect(blameOf(after([...times(9, -2), 3]))).toEqual([]);
    expect(blameOf(after([...times(10, -2), 3]))).toEqual([2]);
    expect(blameOf(after([...times(5, -2), 2, ...times(9, -2), 3]))).toEqual([]);
    const blamed = after([3, ...times(10, -2)]);
    expect([isBlamed(blamed, 2), isBlamed(blamed, 3)]).toEqual([true, false]);
  });

  test('rounds that nothing answered neither count nor end the row', () => {
    expect(blameOf(after([3, ...times(9, -2), ...Array.from({ length: 20 }, () => 'dark 2' as const)]))).toEqual([]);
    expect(blameOf(after([3, ...times(9, -2), 'dark 2', -2]))).toEqual([2]);
  });

  test('an uplink through which it is blamed already is no witness: one loss on another is not the target’s fault', () => {
    expect(blameOf(after([3, ...times(10, -2), -3], new Set([2, 3])))).toEqual([2]);
  });

  test('any answer ends the blame everywhere; a blame through an uplink ends when it answers there', () => {
    expect(blameOf(after([-2, -3, -4, 3]))).toEqual([]);
    expect(blameOf(after([3, ...times(10, -2), 3, 4]))).toEqual([2]);
    expect(blameOf(after([3, ...times(10, -2), 2]))).toEqual([]);
  });

  test('a blame through one uplink shows again when the one everywhere ends by an answer through another', () => {
    const everywhere = after([-3, -4, ...times(10, -2)]);
    expect(blameOf(everywhere)).toEqual([null]);
    expect(blameOf(afterAnswer(everywhere, 3, instant(99)))).toEqual([2]);
  });

  test('a failure of a probe that was sent before one that was answered is old news', () => {
    const answered = afterAnswer(after([-3, -4]), 2, instant(50));
    expect(
      blameOf(afterFailure(answered, { index: 2, sentAt: instant(40), otherAnswered: true, reachable: all })),
    ).toEqual([]);
  });

  test('an uplink that is gone has no say any more', () => {
    expect(blameOf(afterUplinkLost(after([3, ...times(10, -2)]), 2))).toEqual([]);
    expect(blameOf(after([-3, -4], all))).toEqual([null]);
  });
});
