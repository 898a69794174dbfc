import { gunzipSync } from 'node:zlib';
import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Packer, Unpacker } from '../../../../src/adapters/viewer/packed-trace.codec.ts';
import { ThinnedTrace } from '../../../../src/adapters/viewer/thinned-trace.ts';
import type { ActorView, TraceItem } from '../../../../src/model/trace.ts';
import { instant, milliseconds } from '../../../../src/model/units.ts';

const ids = ['interface.1', 'interface.2', 'interface.3'] as const;

function view(id: string, state: string, fact: number): ActorView {
  return {
    id,
    machine: 'interface',
    label: id,
    states: ['interface', state],
    timers: state === 'up' ? [] : [{ delay: state, state, startedAt: instant(1), duration: milliseconds(10) }],
    facts: [{ name: 'score', value: String(fact) }],
  };
}

/** A run in which each actor mostly learns something, and at times changes its state or tells something. */
const someItems = array(
  record({
    id: constantFrom(...ids),
    kind: integer({ min: 0, max: 11 }),
    state: constantFrom('up', 'down', 'probing'),
  }),
  { maxLength: 120 },
).map((choices): TraceItem[] => {
  const states = new Map<string, string>(ids.map((id) => [id, 'up']));
  const items: TraceItem[] = [
    {
      type: 'actors',
      at: instant(0),
      wallTime: '2026-01-01T00:00:00.000Z',
      actors: ids.map((id) => view(id, 'up', 0)),
    },
  ];
  choices.forEach(({ id, kind, state }, index) => {
    const at = instant(index + 1);
    if (kind === 0) {
      items.push({ type: 'told', emission: { type: 'state', index: 1, name: id, from: 'up', to: 'down', at } });
      return;
    }
    if (kind === 1) states.set(id, state);
    const actor = view(id, states.get(id) ?? 'up', index);
    const step = { number: index, at, actor: id, event: 'e', detail: '', from: 'node', transitions: [], guards: [] };
    items.push({ type: 'step', step, actor });
  });
  return items;
});

/** How all actors stand after each item. */
function standings(items: Iterable<TraceItem>): { readonly item: TraceItem; readonly actors: string }[] {
  const actors = new Map<string, ActorView>();
  return [...items].map((item) => {
    if (item.type === 'actors') for (const actor of item.actors) actors.set(actor.id, actor);
    if (item.type === 'step') actors.set(item.actor.id, item.actor);
    return { item, actors: JSON.stringify([...actors.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))) };
  });
}

const keyOf = (item: TraceItem): string => JSON.stringify(item.type === 'step' ? item.step : item);

describe('a trace that is thinned out', () => {
  test('is exact at every item that it keeps, whatever was left out', () => {
    assert(
      property(someItems, integer({ min: 8, max: 40 }), (items, limit) => {
        const trace = new ThinnedTrace(limit);
        for (const item of items) trace.add(item);
        const whole = new Map(standings(items).map(({ item, actors }) => [keyOf(item), actors]));
        const kept = standings(trace.items()).filter(({ item }) => item.type !== 'actors');
        expect(kept.map(({ actors }) => actors)).toEqual(kept.map(({ item }) => whole.get(keyOf(item))));
      }),
    );
  });

  test('keeps all that was told and says how much was left out, in the order in which it was', () => {
    assert(
      property(someItems, integer({ min: 8, max: 40 }), (items, limit) => {
        const trace = new ThinnedTrace(limit);
        for (const item of items) trace.add(item);
        const kept = [...trace.items()];
        expect(kept.filter(({ type }) => type === 'told')).toEqual(items.filter(({ type }) => type === 'told'));
        const steps = (of: readonly TraceItem[]) => of.filter(({ type }) => type === 'step');
        expect(steps(kept).length + trace.omitted).toBe(steps(items).length);
        expect(steps(kept)).toEqual(steps(items).filter((item) => kept.includes(item)));
      }),
    );
  });

  test('leaves out nothing as long as there is room', () => {
    assert(
      property(someItems, (items) => {
        const trace = new ThinnedTrace(1000);
        for (const item of items) trace.add(item);
        expect([...trace.items()]).toEqual(items);
        expect(trace.omitted).toBe(0);
      }),
    );
  });

  test('leaves out quiet steps before those that change a state', () => {
    const trace = new ThinnedTrace(100);
    trace.add({
      type: 'actors',
      at: instant(0),
      wallTime: '2026-01-01T00:00:00.000Z',
      actors: [view('interface.1', 'up', 0)],
    });
    const moving: TraceItem[] = [];
    for (let number = 1; number <= 2000; number++) {
      const state = Math.floor(number / 100) % 2 === 0 ? 'up' : 'down';
      const step = {
        number,
        at: instant(number),
        actor: 'interface.1',
        event: 'e',
        detail: '',
        from: 'node',
        transitions: [],
        guards: [],
      };
      const item: TraceItem = { type: 'step', step, actor: view('interface.1', state, number) };
      if (number % 100 === 0) moving.push(item);
      trace.add(item);
    }
    const kept = new Set(trace.items());
    expect(trace.length).toBeLessThanOrEqual(100);
    expect(moving.filter((item) => !kept.has(item))).toEqual([]);
  });

  test('is packed to what the page unpacks: the same items', () => {
    assert(
      property(someItems, (items) => {
        const trace = new ThinnedTrace();
        for (const item of items) trace.add(item);
        const lines = gunzipSync(Buffer.from(trace.packed(), 'base64')).toString('utf8').trimEnd().split('\n');
        const unpacker = new Unpacker();
        expect(lines.map((line) => unpacker.unpack(line))).toEqual(items);
      }),
    );
  });

  test('packs an actor that has not changed as its name alone', () => {
    const packer = new Packer();
    const actors = [view('interface.1', 'up', 1)];
    const item: TraceItem = { type: 'actors', at: instant(0), wallTime: '2026-01-01T00:00:00.000Z', actors };
    packer.pack(item);
    expect(JSON.parse(packer.pack(item))).toMatchObject({ actors: [{ id: 'interface.1' }] });
    expect(packer.pack(item)).not.toContain('states');
  });
});
