import { Observable } from 'rxjs';
import type { NodeEvent } from '../model/events.ts';
import { instant } from '../model/units.ts';
import type { InterfaceEvent } from './interface.stream.ts';
import type { UsageCounter } from './ports.ts';

export type BudgetEvent = Extract<NodeEvent, { type: 'budget.changed' }>;

/**
 * Has counted what every interface carries, and tells after what became of an interface how its budget stands (TETH-4,
 * TETH-5). Counters are read when something else has looked: `looks$` brings the time on the monotonic clock.
 */
export const withUsage = <Event extends NodeEvent>(
  events$: Observable<Event | InterfaceEvent>,
  usage: UsageCounter,
  looks$: Observable<number>,
): Observable<Event | InterfaceEvent | BudgetEvent> =>
  new Observable((subscriber) => {
    let isStarting = true;
    const tellLevels = (at: number): void => {
      for (const change of usage.takeLevels()) {
        const { index, level, isKnown } = change;
        subscriber.next({ type: 'budget.changed', at: instant(at), index, level, ...(isKnown && { isKnown }) });
      }
    };
    subscriber.add(
      looks$.subscribe((at) => {
        usage.look(at);
        tellLevels(at);
      }),
    );
    subscriber.add(
      events$.subscribe({
        next(event) {
          subscriber.next(event);
          if (event.type === 'interface.found') {
            usage.found(event.facts, !isStarting, event.at);
            tellLevels(event.at);
          } else if (event.type === 'interface.changed') {
            usage.changed(event.facts, event.at);
          } else if (event.type === 'interface.lost') {
            usage.lost(event.index, event.at);
          }
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
    isStarting = false;
  });
