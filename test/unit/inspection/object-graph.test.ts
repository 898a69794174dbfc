import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeGraph, encodeGraph } from '../../../src/inspection/object-graph.ts';

const throughJson = (value: unknown, known: unknown = null): unknown =>
  decodeGraph(JSON.parse(JSON.stringify(encodeGraph(value, known))), known);

test('values come back as they were, Maps, Sets, undefined and odd numbers included', () => {
  const value = {
    map: new Map([[1, new Set(['a'])]]),
    none: undefined,
    odd: [-0, Number.NaN, Infinity, -Infinity],
    nothing: null,
  };
  expect(throughJson(value)).toEqual(value);
  fc.assert(
    fc.property(fc.object({ withMap: true, withSet: true, withNullPrototype: false }), (any) => {
      expect(throughJson(any)).toEqual(any);
    }),
    { numRuns: 200 },
  );
});

test('one object stays one object, wherever it is referred to', () => {
  const shared = { name: 'eth0' };
  const { a, b, map } = throughJson({ a: shared, b: [shared], map: new Map([['c', shared]]) }) as {
    a: object;
    b: readonly object[];
    map: ReadonlyMap<string, object>;
  };
  expect(b[0]).toBe(a);
  expect(map.get('c')).toBe(a);
});

test('what both sides have is referred to, never written', () => {
  const known = { selection: { secret: 'hush' }, uplinks: [{ name: 'eth0' }] };
  const graph = JSON.stringify(encodeGraph({ config: known, configured: known.uplinks[0] }, known));
  expect(graph).not.toMatch(/hush|eth0/u);
  const others = structuredClone(known);
  const decoded = decodeGraph(JSON.parse(graph), others) as { config: object; configured: object };
  expect(decoded.config).toBe(others);
  expect(decoded.configured).toBe(others.uplinks[0]);
});

test('a cycle is no endless one, and a deep value needs no deep stack', () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const decoded = throughJson(cycle) as { self: unknown };
  expect(decoded.self).toBe(decoded);
  let deep: unknown = 1;
  for (let i = 0; i < 50_000; i++) deep = [deep];
  expect(encodeGraph(deep, null).objects).toHaveLength(50_000);
});

test.each([
  ['a function', () => {}],
  ['an object of a class', new Date(0)],
])('%s is refused: no state is in it', (_, value) => {
  expect(() => encodeGraph({ value }, null)).toThrow(TypeError);
});

test.each([
  ['nothing', null],
  ['no list of objects', { root: 1 }],
  ['an object of no kind', { root: ['object', 0], objects: [{}] }],
  ['a reference to nothing', { root: ['object', 3], objects: [] }],
  ['a reference to something odd', { root: ['object', 'length'], objects: [] }],
  ['content that is no list', { root: ['object', 0], objects: [{ list: 7 }] }],
])('what is no graph is refused with a TypeError: %s', (_, graph) => {
  expect(() => decodeGraph(graph, null)).toThrow(TypeError);
});

test('a key named __proto__ is a key', () => {
  const graph = {
    root: ['object', 0],
    objects: [{ record: [['__proto__', ['object', 1]]] }, { record: [['isAdmin', true]] }],
  };
  const decoded = decodeGraph(graph, null);
  expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
  expect('isAdmin' in (decoded as object)).toBe(false);
});
