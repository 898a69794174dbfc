import { expect, test } from 'vitest';
import type { ModemState } from '../../../src/model/modem.ts';
import { SignalFall } from '../../../src/streams/signal-fall.ts';

/** At which of these readings something is suspected. */
function suspected(...readings: readonly (number | null | ModemState)[]): readonly number[] {
  const fall = new SignalFall();
  return readings.flatMap((reading, at) => {
    const isState = typeof reading === 'string';
    const status = {
      state: isState ? reading : ('connected' as const),
      accessTechnology: 'lte',
      signalPercent: isState ? 80 : reading,
    };
    return fall.note(status) ? [at] : [];
  });
}

test.each([
  ['steady', [60, 60, 60], []],
  ['weak from the start', [10, 10, 10], []],
  ['slowly weaker, down to the limit', [60, 45, 31, 20], []],
  ['below 20 per cent', [40, 19], [1]],
  ['weak and staying so, up and down at the limit', [40, 19, 21, 18, 25, 19], [1]],
  ['weak, recovered, and weak again', [40, 19, 30, 19], [1, 3]],
  ['lower by 29 points', [90, 61], []],
  ['lower by 30 points', [90, 60], [1]],
  ['lower by 30 points again and again', [95, 65, 35, 5], [1, 2, 3]],
  ['stronger', [5, 95], []],
  ['not measured for once', [90, null, 50], []],
  ['connected no more', ['connected', 'registered', 'searching'], [1]],
  ['on its way to be connected', ['searching', 'registered', 'connecting', 'connected'], []],
] as const)('HLTH-6: a signal that is %s', (_, readings, expected) => {
  expect(suspected(...readings)).toEqual(expected);
});
