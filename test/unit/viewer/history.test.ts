import { array, assert, constantFrom, integer, oneof, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ActorView, TraceItem } from '../../../src/model/trace.ts';
import { instant } from '../../../src/model/units.ts';
import { Charts } from '../../../visualizations/viewer/page/model/charts.ts';
import { History } from '../../../visualizations/viewer/page/model/history.ts';
import { Session } from '../../../visualizations/viewer/page/model/session.ts';

const view = (id: string, state: string, fact = ''): ActorView => ({
  id,
  machine: 'interface',
  label: id,
  states: [state],
  timers: [],
  facts: [{ name: 'fact', value: fact }],
});

const choice = record({
  kind: constantFrom('step', 'step', 'step', 'actor.started', 'actor.ended', 'actors', 'told'),
  id: constantFrom('a', 'b', 'c'),
  state: constantFrom('up', 'down'),
});
const someItems = array(choice, { minLength: 1, maxLength: 900, size: 'max' }).map((choices) =>
  choices.map(({ kind, id, state }, index): TraceItem => {
    const at = instant(index);
    const actor = view(id, state, String(index));
    if (kind === 'actors') return { type: 'actors', at, wallTime: new Date(index).toISOString(), actors: [actor] };
    if (kind === 'actor.started') return { type: 'actor.started', at, actor };
    if (kind === 'actor.ended') return { type: 'actor.ended', at, id };
    if (kind === 'told')
      return { type: 'told', emission: { type: 'state', index: 1, name: id, from: null, to: 'up', at } };
    const step = { number: index, at, actor: id, event: 'e', detail: '', from: 'n', transitions: [], guards: [] };
    return { type: 'step', step, actor };
  }),
);

/** Anywhere, or just behind a keyframe, where little has happened since. */
const somePosition = oneof(integer({ min: 0, max: 900 }), constantFrom(256, 257, 258, 512, 513, 768));

/** By nothing but going through all of them from the first. */
function actorsAfter(items: readonly TraceItem[]): Map<string, ActorView> {
  const actors = new Map<string, ActorView>();
  for (const item of items) {
    if (item.type === 'actors') actors.clear();
    if (item.type === 'actors') for (const actor of item.actors) actors.set(actor.id, actor);
    if (item.type === 'step' || item.type === 'actor.started') actors.set(item.actor.id, item.actor);
    if (item.type === 'actor.ended') actors.delete(item.id);
  }
  return actors;
}

describe('the history of the page', () => {
  test('knows how all stood at any position, also beyond several keyframes', () => {
    assert(
      property(someItems, somePosition, (items, wanted) => {
        const history = new History();
        for (const item of items) history.append(item);
        const position = Math.min(wanted, items.length);
        expect(history.actorsAt(position)).toEqual(actorsAfter(items.slice(0, position)));
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  test('moving about in it, forwards or backwards, is the same as having gone there from the beginning', () => {
    assert(
      property(someItems, array(integer({ min: 1, max: 900 }), { maxLength: 8 }), (items, moves) => {
        const session = new Session(new Charts([]), new History());
        for (const item of items) session.append(item);
        for (const move of moves) {
          session.moveTo(move);
          expect(session.actors).toEqual(actorsAfter(items.slice(0, session.position)));
        }
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  test('lets go of the oldest beyond its limit, and is exact in what it keeps', () => {
    const history = new History(1000);
    const items = Array.from({ length: 12_000 }, (_, index): TraceItem => {
      const actor = view(`${index % 7}`, index % 3 === 0 ? 'up' : 'down', String(index));
      return { type: 'actor.started', at: instant(index), actor };
    });
    for (const item of items) history.append(item);
    expect(history.end).toBe(12_000);
    expect(history.first).toBeGreaterThan(6000);
    expect(history.end - history.first).toBeGreaterThanOrEqual(1000);
    expect([history.first, history.end - 1].map((position) => history.timeOf(position))).toEqual([
      history.first,
      history.end - 1,
    ]);
    expect(history.positionAt(11_000)).toBe(11_001);
    for (const position of [history.first, history.first + 1, history.first + 700, history.end]) {
      expect(history.actorsAt(position)).toEqual(actorsAfter(items.slice(0, position)));
    }
  });

  test('finds the position of a time, and a clock that was set back does not go back', () => {
    const history = new History();
    const actors = (at: number, wall: number): TraceItem => ({
      type: 'actors',
      at: instant(at),
      wallTime: new Date(wall).toISOString(),
      actors: [],
    });
    for (const [at, wall] of [
      [10, 1000],
      [20, 2000],
      [5, 1500],
      [30, 3000],
    ] as const)
      history.append(actors(at, wall));
    expect([0, 1, 2, 3].map((position) => history.timeOf(position))).toEqual([1000, 2000, 2000, 3000]);
    expect([999, 1000, 1999, 2000, 2999, 4000].map((time) => history.positionAt(time))).toEqual([0, 1, 1, 3, 3, 4]);
  });

  test('a step that leads to where it stood already is no move', () => {
    const history = new History();
    const step = {
      number: 1,
      at: instant(0),
      actor: 'a',
      event: 'e',
      detail: '',
      from: 'n',
      transitions: [],
      guards: [],
    };
    history.append({ type: 'actor.started', at: instant(0), actor: view('a', 'up') });
    history.append({ type: 'step', step, actor: view('a', 'up', 'other') });
    history.append({ type: 'step', step, actor: view('a', 'down') });
    expect([0, 1, 2].map((position) => history.isMove(position))).toEqual([false, false, true]);
    expect(history.movesBefore('a', 3, 5)).toHaveLength(1);
    expect(history.movesBefore('a', 2, 5)).toHaveLength(0);
  });
});
