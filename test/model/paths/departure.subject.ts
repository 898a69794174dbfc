/** What may happen to an uplink that was left. */
import type { SnapshotFrom } from 'xstate';
import type { DepartureInput, Standing } from '../../../src/machines/departure/departure.context.ts';
import { departureMachine } from '../../../src/machines/departure/departure.machine.ts';
import { instant, seconds } from '../../../src/model/units.ts';
import { violations } from './departure.rules.ts';
import { defineSubject, type WorldOf } from './world.ts';

type Snapshot = SnapshotFrom<typeof departureMachine>;
type World = WorldOf<typeof departureMachine>;
type Happening = World['happenings'][string];

const stands =
  (standing: Standing): Happening =>
  (_: Snapshot, at) => ({ type: 'standing.changed', ...standing, at });

const input = (isExpensive: boolean): DepartureInput => ({
  index: 2,
  name: 'eth0',
  family: 'ipv4',
  path: { addresses: [{ address: '192.0.2.2', prefixLength: 24, peer: null }], gateway: '192.0.2.1' },
  isExpensive,
  linger: seconds(30),
  at: instant(0),
});

const happenings: World['happenings'] = {
  'it works, and another does': stands({ isDead: false, hasWayOut: true }),
  'it works, and no other does': stands({ isDead: false, hasWayOut: false }),
  'it is dead, and another works': stands({ isDead: true, hasWayOut: true }),
  'it is dead, and so are all': stands({ isDead: true, hasWayOut: false }),
  'a second passes': { wait: 1000 },
  'the next timer fires': { wait: 'deadline' },
};

const world = (name: string, isExpensive: boolean): World => ({
  name,
  input: input(isExpensive),
  happenings,
  keyOf: ({ context: { isDead, hasWayOut } }) => [isDead, hasWayOut],
});

export const departureSubject = defineSubject({
  machine: departureMachine,
  worlds: [world('one that costs nothing', false), world('one that costs money', true)],
  violations,
});
