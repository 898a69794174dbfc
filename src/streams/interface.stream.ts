import { Observable } from 'rxjs';
import type { NodeEvent } from '../model/events.ts';
import type { InterfaceFacts } from '../model/interface.ts';
import type { KernelChange, Link } from '../model/kernel.ts';
import { instant } from '../model/units.ts';
import { isSame } from './is-same.ts';
import { LinkIndex } from './link-index.ts';
import type { Clock, DeviceReader, KernelSource } from './ports.ts';

export type InterfaceEvent = Extract<NodeEvent, { type: 'interface.found' | 'interface.changed' | 'interface.lost' }>;

export interface InterfaceSources {
  readonly kernel: KernelSource;
  readonly devices: DeviceReader;
  readonly clock: Clock;
}

/**
 * Tells which interfaces there are, and what becomes of each (DISC-1, DISC-2).
 *
 * On subscription every link that the kernel has is `found`; from then on a batch of kernel changes gives at most one
 * event for each interface, in the kernel's own callback, and none where no fact differs. The ifindex is the identity
 * (DISC-5): a new name is a change, while a link that was deleted and created again is lost and found, also when the
 * same index comes back within one batch. The device behind a link is read when it is found and when it is renamed.
 */
export const interfaceEvents = ({ kernel, devices, clock }: InterfaceSources): Observable<InterfaceEvent> =>
  new Observable((subscriber) => {
    const links = new LinkIndex(kernel.state);
    const known = new Map<number, InterfaceFacts>();

    const find = (link: Link): InterfaceFacts => {
      const facts = links.factsOf(link, devices.read(link));
      known.set(link.index, facts);
      return facts;
    };

    const compare = (before: InterfaceFacts, link: Link): InterfaceFacts | null => {
      const device = link.name === before.name ? before.device : devices.read(link);
      const facts = links.factsOf(link, device);
      if (isSame(before, facts)) return null;
      known.set(link.index, facts);
      return facts;
    };

    const eventsOf = (changes: readonly KernelChange[]): InterfaceEvent[] => {
      const at = instant(clock.now());
      const touched = new Set<number>();
      const replaced = new Set<number>();
      for (const change of changes) {
        const index = links.note(change);
        if (index !== null) touched.add(index);
        if (index !== null && change.object === 'link' && isReplaced(change.before, change.after)) replaced.add(index);
      }
      const lost: InterfaceEvent[] = [];
      const others: InterfaceEvent[] = [];
      for (const index of touched) {
        const link = kernel.state.links.get(index);
        const before = known.get(index);
        if (before !== undefined && (link === undefined || replaced.has(index))) {
          lost.push({ type: 'interface.lost', at, index });
          known.delete(index);
        }
        if (link === undefined) {
          links.forget(index);
        } else if (before === undefined || replaced.has(index)) {
          others.push({ type: 'interface.found', at, facts: find(link) });
        } else {
          const facts = compare(before, link);
          if (facts !== null) others.push({ type: 'interface.changed', at, facts });
        }
      }
      return [...lost, ...others];
    };

    const at = instant(clock.now());
    const found = [...kernel.state.links.values()].map(find);
    // What a listener of the first events does to the kernel must not be missed: subscribed before they are told.
    subscriber.add(
      kernel.subscribe((changes) => {
        for (const event of eventsOf(changes)) subscriber.next(event);
      }),
    );
    for (const facts of found) subscriber.next({ type: 'interface.found', at, facts });
  });

/** A deleted link, and one whose kind is another now: the kernel never changes the kind of a link that lives. */
const isReplaced = (before: Link | null, after: Link | null): boolean =>
  before === null || after === null || before.kind !== after.kind;
