import { expect, test } from 'vitest';

import type { DepartureDecided, DepartureEvent } from '../../../src/machines/departure/departure.context.ts';
import type { HotspotFact, HotspotUpdated } from '../../../src/machines/hotspot/hotspot.context.ts';
import type { Gap, InterfaceFact, InterfaceUpdated } from '../../../src/machines/interface/interface.context.ts';
import type { LeaseFact, LeaseUpdated } from '../../../src/machines/lease/lease.context.ts';
import type { SelectionChanged, SelectionFact } from '../../../src/machines/selection/selection.context.ts';
import type { TetherFact, TetherUpdated } from '../../../src/machines/tether/tether.context.ts';
import type { NodeEmission, NodeEvent } from '../../../src/model/events.ts';
import { machineNames, type MachineName } from '../../../src/model/trace.ts';
import { actorNotes, diagramOf } from '../../../visualizations/actors/diagram.ts';
import { listen } from '../../../visualizations/actors/messages.ts';

/** All that is declared to come to a machine from elsewhere; a type without an entry does not compile. */
const declared = {
  node: {
    'interface.found': true,
    'interface.changed': true,
    'interface.lost': true,
    'network.observed': true,
    'probe.finished': true,
    'probe.answeredLate': true,
    'target.blamed': true,
    'target.cleared': true,
    'uplink.suspected': true,
    'operation.failed': true,
    'operation.recovered': true,
    'command.pin': true,
    'command.unpin': true,
    'radio.changed': true,
    'hotspot.opened': true,
    'hotspot.failed': true,
    'hotspot.closed': true,
    'hotspot.clients': true,
    'hotspot.remembered': true,
    'command.hotspot': true,
    'command.rotateKey': true,
    'lease.remembered': true,
    'lease.bound': true,
    'lease.lost': true,
    'lease.failed': true,
    'budget.changed': true,
    'power.changed': true,
    'uplink.remembered': true,
    'node.resumed': true,
    'interface.updated': true,
    'selection.changed': true,
    'departure.decided': true,
    'hotspot.updated': true,
    'lease.updated': true,
    'tether.updated': true,
  } satisfies Record<
    (
      | NodeEvent
      | InterfaceUpdated
      | SelectionChanged
      | DepartureDecided
      | HotspotUpdated
      | LeaseUpdated
      | TetherUpdated
    )['type'],
    true
  >,
  interface: {
    'interface.changed': true,
    'probe.finished': true,
    'probe.answeredLate': true,
    'targets.blamed': true,
    'addresses.claimed': true,
    'lease.changed': true,
    'uplink.withheld': true,
    'budget.changed': true,
    'uplink.remembered': true,
    'node.resumed': true,
  } satisfies Record<(InterfaceFact | Gap)['type'], true>,
  selection: { 'contender.changed': true, 'contender.lost': true, 'pin.changed': true } satisfies Record<
    SelectionFact['type'],
    true
  >,
  lease: {
    'interface.changed': true,
    'lease.remembered': true,
    'lease.bound': true,
    'lease.lost': true,
    'lease.failed': true,
    'uplink.suspected': true,
    'node.resumed': true,
    'way.judged': true,
  } satisfies Record<LeaseFact['type'], true>,
  tether: {
    'interface.changed': true,
    'probe.finished': true,
    'probe.answeredLate': true,
    'tether.stands': true,
  } satisfies Record<TetherFact['type'], true>,
  hotspot: {
    'surroundings.changed': true,
    'radio.changed': true,
    'hotspot.opened': true,
    'hotspot.failed': true,
    'hotspot.closed': true,
    'hotspot.clients': true,
    'hotspot.remembered': true,
    'command.hotspot': true,
    'command.rotateKey': true,
    'node.resumed': true,
  } satisfies Record<HotspotFact['type'], true>,
  departure: { 'standing.changed': true } satisfies Record<DepartureEvent['type'], true>,
} satisfies Record<MachineName, object>;

const emitted = {
  switch: true,
  state: true,
  hotspot: true,
  tether: true,
  budget: true,
  problem: true,
  'problem.solved': true,
} satisfies Record<NodeEmission['type'], true>;

const heard = listen();

test.each(machineNames)('the scenes make every message be heard that is declared to come to %s', (name) => {
  const types = new Set(heard.messages.flatMap(({ to, type }) => (to === name ? [type] : [])));
  expect([...types].toSorted()).toEqual(Object.keys(declared[name]).toSorted());
});

test('the scenes make everything be told that a node can tell', () => {
  expect(heard.emissions).toEqual(Object.keys(emitted).toSorted());
});

test('the overview shows every message that is heard, and every actor with a note', () => {
  const { arrows, boxes } = diagramOf(heard);
  const missing = heard.messages.filter(
    ({ from, to, type }) =>
      !arrows.some(
        (arrow) => arrow.to === to && (from === null || arrow.from === from) && arrow.messages.includes(type),
      ),
  );
  expect(missing).toEqual([]);
  expect(machineNames.filter((name) => !boxes.some(({ id }) => id === name))).toEqual([]);
  expect(machineNames.filter((name) => actorNotes[name] === undefined)).toEqual([]);
});
