import { describe, expect, test } from 'vitest';
import { defaultConfig } from '../../../src/model/config.ts';
import { milliseconds } from '../../../src/model/units.ts';
import { intent, probeBench } from './probe-bench.ts';

const rare = intent(4, { interval: defaultConfig.probe.meteredInterval });
const oneBurst = defaultConfig.probe.burstRounds;

/** Starts of rounds, told by where each is more than a second after the one before: `0×11` are eleven together. */
function flocks(times: readonly number[]): readonly string[] {
  const found: { at: number; last: number; count: number }[] = [];
  for (const at of times) {
    const open = found.at(-1);
    if (open !== undefined && at - open.last <= 1000) Object.assign(open, { last: at, count: open.count + 1 });
    else found.push({ at, last: at, count: 1 });
  }
  return found.map(({ at, count }) => `${at}×${count}`);
}

describe('HLTH-5: an uplink that is probed rarely is not left in doubt until its next round', () => {
  test('when the first round of a path is lost right after a burst, another one comes as soon as it may', async () => {
    const { time, intents$, sentBy } = probeBench({
      intents: [rare],
      fate: ({ at }) => (at < 100 || (at >= 5000 && at < 5100) ? 'silence' : 20),
    });
    await time.run(5000);
    expect(flocks(sentBy(4))).toEqual([`0×${1 + oneBurst}`]);
    intents$.next([{ ...rare, path: 'another' }]);
    await time.run(240_000);
    expect(flocks(sentBy(4)).slice(1)).toEqual(['5000×1', `31000×${oneBurst}`]);
  });

  test('when it is heard again in the midst of a burst, one more follows, and no third whatever comes of it', async () => {
    const { time, sentBy } = probeBench({
      intents: [rare],
      fate: ({ at }) => (at % 30_000 < 2500 ? 'silence' : 20),
    });
    await time.run(290_000);
    const [first, second, ...others] = flocks(sentBy(4));
    expect(first).toBe(`0×${1 + oneBurst}`);
    expect(second).toBe(`31000×${oneBurst}`);
    expect(others).toEqual([]);
  });

  test('one that is dead costs one burst in an interval, and one that answers costs none', async () => {
    const dead = probeBench({ intents: [rare], fate: () => 'silence' });
    await dead.time.run(899_000);
    expect(dead.sentBy(4)).toHaveLength(3 * (1 + oneBurst));
    const alive = probeBench({ intents: [rare] });
    await alive.time.run(899_000);
    expect(alive.sentBy(4)).toHaveLength(3);
  });

  test('one that is probed often has its next round soon enough', async () => {
    const { time, sentBy } = probeBench({
      intents: [intent(4, { interval: milliseconds(20_000) })],
      fate: ({ at }) => (at < 2000 ? 'silence' : 20),
    });
    await time.run(55_000);
    expect(flocks(sentBy(4)).slice(1)).toEqual(['20000×1', '40000×1']);
  });
});
