import { Observable } from 'rxjs';
import type { NodeEvent } from '../model/events.ts';
import type { InterfaceEvent } from './interface.stream.ts';
import type { MemoryReader } from './ports.ts';

export type MemoryEvent = Extract<NodeEvent, { type: 'uplink.remembered' }>;

/**
 * Tells after each interface that is there on subscription what the run before knew of it (ROUT-8). One that comes later
 * is a new one, whatever it is called.
 */
export const withMemory = (
  interfaces$: Observable<InterfaceEvent>,
  memory: MemoryReader,
): Observable<InterfaceEvent | MemoryEvent> =>
  new Observable((subscriber) => {
    let isStarting = true;
    subscriber.add(
      interfaces$.subscribe({
        next(event) {
          subscriber.next(event);
          const known = isStarting && event.type === 'interface.found' ? memory.recall(event.facts) : null;
          if (known === null || event.type !== 'interface.found') return;
          subscriber.next({ type: 'uplink.remembered', at: event.at, index: event.facts.index, memory: known });
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
    isStarting = false;
  });
