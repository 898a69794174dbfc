import { expect, test } from 'vitest';
import { defaultTable, localTable, mainTable } from '../../../../src/model/kernel.ts';
import { ownProtocol } from '../../../../src/model/network.ts';
import { isOwnRoute } from '../../../../src/effects/network/observe.ts';
import { foreignRoute } from '../support.ts';

const markedIn = (table: number) => foreignRoute({ table, destination: '198.51.100.0/24', protocol: ownProtocol });

test.each([
  ['main', mainTable],
  ['local', localTable],
  ['default', defaultTable],
])(
  'ROUT-5: a route that bears the mark in the table %s is somebody else’s: backhauld never writes there',
  (_, table) => {
    expect(isOwnRoute(markedIn(table))).toBe(false);
  },
);

test('ROUT-5: elsewhere the mark alone decides, also outside of the configured range', () => {
  expect([100, 99].map((table) => isOwnRoute(markedIn(table)))).toEqual([true, true]);
});
