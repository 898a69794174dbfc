import { expect, test } from 'vitest';
import { sideRows } from '../../../src/commands/text/side-rows.ts';
import type { ModemStatus } from '../../../src/model/modem.ts';
import { exampleStatus } from './watch/example-status.ts';

/** What is shown of a modem behind the second interface. */
function rowOf(modem: ModemStatus | null) {
  const interfaces = exampleStatus.interfaces.map((each, at) => (at === 1 ? { ...each, modem } : each));
  return sideRows({ ...exampleStatus, interfaces }).find(({ kind }) => kind === 'modem');
}

const connected: ModemStatus = { state: 'connected', accessTechnology: 'lte', signalPercent: 67 };

test('a modem is shown with its interface, its state, what its radio speaks, and its signal', () => {
  const name = exampleStatus.interfaces[1]?.name;
  expect(rowOf(connected)).toEqual({
    kind: 'modem',
    name,
    state: 'connected',
    tone: 'good',
    detail: 'lte · signal 67 %',
  });
});

test('what a modem does not tell is not made up', () => {
  expect(rowOf({ state: 'locked', accessTechnology: null, signalPercent: null })).toMatchObject({
    state: 'locked',
    tone: 'bad',
    detail: 'its signal is not known',
  });
  expect(rowOf({ ...connected, state: 'searching' })?.tone).toBe('warning');
});

test('where no modem tells anything there is no row', () => {
  expect(rowOf(null)).toBeUndefined();
});
