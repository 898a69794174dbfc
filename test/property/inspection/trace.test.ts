import * as fc from 'fast-check';
import { machineNames, type MachineName } from '../../../src/model/trace.ts';
import { describe, expect, test } from 'vitest';

import { chartOf, type Chart, type ChartState } from '../../../src/inspection/chart.ts';
import { machines } from '../../../src/inspection/machines.ts';
import { actorsOf, traceOf } from '../../../src/inspection/trace.ts';
import type { ActorView, TraceItem } from '../../../src/model/trace.ts';
import { RecordedNode } from '../../fakes/recorded-node.ts';
import { steps } from './steps.ts';

const charts = Object.fromEntries(machineNames.map((name) => [name, chartOf(machines[name])])) as Record<
  MachineName,
  Chart
>;
const transitionIds = new Set(Object.values(charts).flatMap(({ transitions }) => transitions.map(({ id }) => id)));

/** Those of the states that a chart says are active together: all regions of a parallel state, one child of a compound. */
function reachable({ states }: Chart, active: ReadonlySet<string>): readonly string[] {
  const from = ({ id, kind }: ChartState): readonly string[] => {
    const children = states.filter(({ parent }) => parent === id);
    const entered = kind === 'parallel' ? children : children.filter((child) => active.has(child.id)).slice(0, 1);
    return [id, ...(kind === 'compound' && entered.length === 0 ? ['none'] : []), ...entered.flatMap(from)];
  };
  return states.filter(({ parent }) => parent === null).flatMap(from);
}

const optionsOf = ({ clock }: RecordedNode) => ({
  now: () => clock.now,
  wallTime: (at: number) => new Date(at).toISOString(),
});

/** How the actors stand for one who has only heard what is told. */
class Listener {
  readonly actors = new Map<string, ActorView>();
  readonly items: TraceItem[] = [];

  readonly hear = (item: TraceItem): void => {
    this.items.push(item);
    if (item.type === 'actors') {
      this.actors.clear();
      for (const actor of item.actors) this.actors.set(actor.id, actor);
    } else if (item.type === 'actor.ended') {
      this.actors.delete(item.id);
    } else if (item.type !== 'told') {
      this.actors.set(item.actor.id, item.actor);
    }
  };
}

const byId = (actors: Iterable<ActorView>) => Object.fromEntries([...actors].map((actor) => [actor.id, actor]));

describe('whatever happens, and whenever one begins to look', () => {
  const runs = steps(60).chain((list) => fc.tuple(fc.constant(list), fc.nat(list.length - 1)));

  test('what was told last of each actor is how it stands now', () => {
    fc.assert(
      fc.property(runs, ([list, beginning]) => {
        const node = new RecordedNode();
        const listener = new Listener();
        for (const [position, take] of list.entries()) {
          if (position === beginning) traceOf(node.actor, optionsOf(node), listener.hear);
          take(node);
          if (position < beginning) continue;
          expect(byId(listener.actors.values())).toEqual(byId(actorsOf(node.actor, optionsOf(node)).actors));
        }
        node.stop();
        expect(listener.actors.size).toBe(0);
      }),
      { numRuns: 25 },
    );
  });

  test('states are those of the chart, one in each region, and transitions and timers are in the chart', () => {
    fc.assert(
      fc.property(runs, ([list, beginning]) => {
        const node = new RecordedNode();
        const { items, hear } = new Listener();
        for (const [position, take] of list.entries()) {
          if (position === beginning) traceOf(node.actor, optionsOf(node), hear);
          take(node);
        }
        for (const item of items) {
          if (item.type !== 'step') continue;
          const { actor, step } = item;
          const chart = charts[actor.machine];
          expect(actor.states).toEqual(reachable(chart, new Set(actor.states)));
          expect(step.actor).toBe(actor.id);
          expect(step.transitions.filter((id) => !id.startsWith(actor.machine) || !transitionIds.has(id))).toEqual([]);
          const unknown = actor.timers.filter(
            ({ state, delay }) =>
              state !== null &&
              !(
                actor.states.includes(state) &&
                chart.transitions.some((one) => one.source === state && one.delay === delay)
              ),
          );
          expect(unknown).toEqual([]);
        }
        const numbers = items.flatMap((item) => (item.type === 'step' ? [item.step.number] : []));
        expect(numbers).toEqual(numbers.map((_, position) => position + 1));
      }),
      { numRuns: 25 },
    );
  });

  test('to look changes nothing', () => {
    const outcome = ({ entries }: RecordedNode) =>
      entries.filter(({ type }) => type === 'told' || type === 'wanted' || type === 'timer');
    fc.assert(
      fc.property(runs, ([list, beginning]) => {
        const [seen, unseen] = [new RecordedNode(), new RecordedNode()];
        for (const [position, take] of list.entries()) {
          if (position === beginning) traceOf(seen.actor, optionsOf(seen), new Listener().hear);
          take(seen);
          take(unseen);
        }
        expect(JSON.stringify(outcome(seen))).toBe(JSON.stringify(outcome(unseen)));
      }),
      { numRuns: 15 },
    );
  });
});
