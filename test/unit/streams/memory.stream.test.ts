import { concat, from, Subject } from 'rxjs';
import { expect, test } from 'vitest';
import type { NodeEvent } from '../../../src/model/events.ts';
import type { InterfaceFacts } from '../../../src/model/interface.ts';
import type { UplinkMemory } from '../../../src/model/memory.ts';
import { instant } from '../../../src/model/units.ts';
import type { InterfaceEvent } from '../../../src/streams/interface.stream.ts';
import { withMemory } from '../../../src/streams/memory.stream.ts';
import { facts } from '../machines/examples.ts';

const memory: UplinkMemory = {
  lifecycle: { state: 'up', since: instant(-5) },
  damping: { merit: 0, at: instant(0), isSuppressed: false },
  measured: { ipv4: null, ipv6: null },
};
const found = (one: InterfaceFacts): InterfaceEvent => ({ type: 'interface.found', at: instant(3), facts: one });

/** Those that are there, and those that come later. */
function listen(there: readonly InterfaceFacts[]) {
  const later$ = new Subject<InterfaceEvent>();
  const events: NodeEvent[] = [];
  const recall = ({ name }: InterfaceFacts) => (name === 'eth0' ? memory : null);
  const subscription = withMemory(concat(from(there.map(found)), later$), { recall }).subscribe((event) =>
    events.push(event),
  );
  return { later$, events, subscription };
}

test('ROUT-8: what the run before knew of an interface follows it at once', () => {
  const { events } = listen([facts(), facts({ index: 3, name: 'wlan0' })]);
  expect(events).toEqual([
    found(facts()),
    { type: 'uplink.remembered', at: 3, index: 2, memory },
    found(facts({ index: 3, name: 'wlan0' })),
  ]);
});

test('an interface that comes later is a new one', () => {
  const { events, later$, subscription } = listen([]);
  later$.next(found(facts()));
  expect(events).toEqual([found(facts())]);
  subscription.unsubscribe();
  expect(later$.observed).toBe(false);
});
