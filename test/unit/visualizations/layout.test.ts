import { describe, expect, test } from 'vitest';

import { machineNames } from '../../../src/model/trace.ts';
import { diagramOf } from '../../../visualizations/actors/diagram.ts';
import { layOutActors } from '../../../visualizations/actors/layout.ts';
import { listen } from '../../../visualizations/actors/messages.ts';
import { sceneOf } from '../../../visualizations/charts.ts';
import { fonts } from '../../../visualizations/layout/lines.ts';
import { titlePlace } from '../../../visualizations/layout/place.ts';
import type { Box, PlacedText, Point } from '../../../visualizations/layout/scene.ts';

/** What the eye sees of a text, with the slack for wider fonts. */
const boxOf = ({ x, y, width, face }: PlacedText): Box => {
  const { size } = fonts[face];
  return { x, y: y - 0.74 * size, width: width * 1.08, height: 0.96 * size };
};

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const isInside = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

const pairs = <T>(all: readonly T[]): readonly (readonly [T, T])[] =>
  all.flatMap((a, index) => all.slice(index + 1).map((b) => [a, b] as const));

const segments = (wire: readonly Point[]): readonly Box[] =>
  wire.slice(1).map((to, index) => {
    const from = wire[index] ?? to;
    const [x, y] = [Math.min(from.x, to.x), Math.min(from.y, to.y)];
    return { x, y, width: Math.abs(to.x - from.x) || 0.1, height: Math.abs(to.y - from.y) || 0.1 };
  });

/** Two that run the same way on the same line, and are not told apart. */
const isAlong = (a: Box, b: Box): boolean => overlap(a, b) && a.width > a.height === b.width > b.height;

const crossings = (texts: readonly PlacedText[], wires: readonly (readonly Point[])[]): readonly string[] =>
  texts
    .filter((one) => wires.some((wire) => segments(wire).some((part) => overlap(boxOf(one), part))))
    .map(({ text }) => text);

const overlaps = (texts: readonly PlacedText[]): readonly string[] =>
  pairs(texts)
    .filter(([a, b]) => overlap(boxOf(a), boxOf(b)))
    .map(([a, b]) => `${a.text} | ${b.text}`);

describe.each(machineNames)('the picture of %s', async (name) => {
  const { states, arrows, initials, legend, width, height } = await sceneOf(name);
  const texts = [
    ...states.flatMap(({ titles, rows }) => [...titles, ...rows.flatMap((row) => row.texts)]),
    ...arrows.flatMap(({ label }) => label.rows.flatMap((row) => row.texts)),
    ...legend,
  ];
  const wires = [
    ...arrows.flatMap(({ before, after }) => [...(before === null ? [] : [before]), after]),
    ...initials.map(({ wire }) => wire),
  ];

  test('has no text over a text, and none over a line', () => {
    expect(overlaps(texts)).toEqual([]);
    expect(crossings(texts, wires)).toEqual([]);
  });

  test('has every text within its box', () => {
    const whole = { x: 0, y: 0, width, height };
    const outside = [
      ...states.flatMap((box) =>
        [...box.titles, ...box.rows.flatMap((row) => row.texts)].filter((text) => !isInside(boxOf(text), box)),
      ),
      ...arrows.flatMap(({ label }) =>
        label.rows.flatMap((row) => row.texts).filter((text) => !isInside(boxOf(text), label)),
      ),
      ...legend.filter((text) => !isInside(boxOf(text), whole)),
    ];
    expect(outside.map(({ text }) => text)).toEqual([]);
  });

  test('has boxes that lie within each other or apart', () => {
    const labels = arrows.map(({ label }) => label);
    const broken = [
      ...pairs(states).filter(
        ([a, b]) => overlap(a, b) !== (a.state.id === b.state.parent || b.state.id.startsWith(`${a.state.id}.`)),
      ),
      ...pairs([...labels, ...initials]).filter(([a, b]) => overlap(a, b)),
      ...labels.flatMap((label) =>
        states.filter((box) => overlap(label, box) && !isInside(label, box)).map((box) => [label, box]),
      ),
    ];
    expect(broken).toEqual([]);
  });

  test('begins at the top, and leads up nowhere but back', () => {
    const boxes = new Map(states.map((box) => [box.state.id, box]));
    for (const { state, y } of initials) {
      const initial = boxes.get(boxes.get(state)?.state.initial ?? '');
      expect(y).toBeLessThan(initial?.y ?? 0);
    }
    const upward = arrows.filter(({ source, target }) => {
      const [from, to] = [boxes.get(source), boxes.get(target)];
      return from !== undefined && to !== undefined && to.y < from.y;
    });
    const order = states.map(({ state }) => state.id);
    expect(upward.filter(({ source, target }) => order.indexOf(target) > order.indexOf(source))).toEqual([]);
  });

  test('has no line along another, and none through a box that it does not lead out of or into', () => {
    const ways = arrows.map(({ source, target, before, after, label }) => ({
      wires: before === null ? [after] : [before, after],
      ends: [source, target],
      label,
    }));
    const along = pairs(ways).filter(([a, b]) =>
      a.wires.flatMap(segments).some((one) => b.wires.flatMap(segments).some((other) => isAlong(one, other))),
    );
    expect(along.map((both) => both.map(({ ends }) => ends.join(' → ')))).toEqual([]);
    const through = ways.flatMap(({ wires: own, ends, label }) =>
      [
        ...states.filter(({ state: { id } }) => !ends.some((end) => end === id || end.startsWith(`${id}.`))),
        ...arrows.flatMap((other) => (other.label === label ? [] : [other.label])),
      ].filter((box) => own.flatMap(segments).some((part) => overlap(part, box))),
    );
    expect(through).toEqual([]);
  });

  test('ends every arrow at its target', () => {
    const boxes = new Map(states.map((box) => [box.state.id, box]));
    const astray = arrows.filter(({ target, after }) => {
      const [box, tip] = [boxes.get(target), after.at(-1)];
      return box === undefined || tip === undefined || !isInside({ ...tip, width: 0, height: 0 }, grown(box));
    });
    expect(astray).toEqual([]);
  });
});

/** Coordinates are rounded to half a pixel. */
const grown = ({ x, y, width, height }: Box): Box => ({ x: x - 1, y: y - 1, width: width + 2, height: height + 2 });

test('a title stands where no line runs through it', () => {
  const box = { x: 0, y: 0, width: 300, height: 28 };
  const down = (x: number) => [
    { x, y: -20 },
    { x, y: 80 },
  ];
  expect(titlePlace(80, box, 28, [])).toBe(110);
  expect(titlePlace(80, box, 28, [down(50)])).toBe(110);
  expect(titlePlace(80, box, 28, [down(150)])).toBe(12);
  expect(titlePlace(80, box, 28, [down(160), down(60)])).toBe(68);
  expect(titlePlace(80, box, 28, [down(150), down(60), down(100)])).toBe(160);
});

describe('the picture of all actors', async () => {
  const { actors, arrows, groups } = await layOutActors(diagramOf(listen()));
  const texts = [
    ...groups.flatMap(({ titles }) => titles),
    ...actors.flatMap(({ titles, notes }) => [...titles, ...notes]),
    ...arrows.flatMap((arrow) => arrow.texts.flatMap((one) => one.texts)),
  ];

  test('has no text over a text, and none over a line', () => {
    expect(overlaps(texts)).toEqual([]);
    expect(
      crossings(
        texts,
        arrows.flatMap(({ before, after }) => [before, after]),
      ),
    ).toEqual([]);
  });

  test('has boxes and labels apart from each other', () => {
    expect(pairs([...actors, ...arrows]).filter(([a, b]) => overlap(a, b))).toEqual([]);
  });
});
