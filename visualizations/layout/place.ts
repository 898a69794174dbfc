/** States and arrows with what is written on them, each span at its place. */
import type { ChartState } from '../../src/inspection/chart.ts';
import { toneOf } from '../words.ts';
import type { Arrow, Contents } from './contents.ts';
import { columnsOf, headerSize, labelPadding, rowsPadding, sidePadding, titleHeightOf, titleLine } from './graph.ts';
import { inkWidth, lineHeight, type Line } from './lines.ts';
import {
  textsAt,
  type Box,
  type PlacedArrow,
  type PlacedLabel,
  type PlacedRow,
  type PlacedState,
  type PlacedText,
  type Point,
} from './scene.ts';

/** `wireOf` knows the wires by their names in the graph; those of a flipped arrow lead the wrong way. */
export function placedArrow(
  arrow: Arrow,
  box: Box,
  wireOf: (id: string) => readonly Point[] | null,
  isFlipped: boolean,
): PlacedArrow {
  const along = (points: readonly Point[] | null): readonly Point[] | null =>
    points === null || !isFlipped ? points : points.toReversed();
  return {
    source: arrow.source.id,
    target: arrow.target.id,
    tone: toneOf(arrow.target.id),
    before: along(wireOf(`${arrow.id} before`)),
    after: along(wireOf(`${arrow.id} after`)) ?? [],
    label: placedLabel(arrow, box),
  };
}

function placedLabel({ labels }: Arrow, box: Box): PlacedLabel {
  const widest = Math.max(...labels.flatMap(({ lines }) => lines.map(inkWidth)));
  const x = box.x + (box.width - widest) / 2;
  let y = box.y + labelPadding.y;
  const rows = labels.map(({ transition, lines }): PlacedRow => {
    const texts = lines.flatMap((line) => {
      const placed = textsBelow(line, x, y);
      y += lineHeight;
      return placed;
    });
    return { transition, texts };
  });
  return { ...box, rows };
}

/** Below the upper edge of a line. */
const baseline = 12.5;

const textsBelow = (line: Line, x: number, top: number): readonly PlacedText[] => textsAt(line, x, top + baseline);

/** From so many rows on, lines between them help the eye. */
const longList = 10;

/** `wires` are those that may run through its title. */
export function placedState(
  state: ChartState,
  box: Box,
  contents: Contents,
  wires: readonly (readonly Point[])[],
): PlacedState {
  const isRoot = state.parent === null;
  const rows = contents.rows.get(state.id) ?? [];
  const columns = columnsOf(rows);
  const left = box.x + sidePadding;
  const isBar = state.kind !== 'atomic' || rows.length > 0;
  const titleHeight = isBar ? titleHeightOf(state) : box.height;
  const line = titleLine(state);
  const rowTop = (index: number): number => box.y + titleHeight + rowsPadding + index * lineHeight;
  const x = isRoot ? left : titlePlace(inkWidth(line), box, titleHeight, wires);
  return {
    ...box,
    state,
    tone: toneOf(state.id),
    look: isRoot ? 'root' : contents.parallel.has(state.parent ?? '') ? 'region' : 'box',
    titles: textsBelow(line, x, box.y + titleHeight / 2 - (isRoot ? 4 : 7.5)),
    titleHeight,
    rows: rows.map(({ transition, trigger, guard, effect }, index) => {
      const y = rowTop(index);
      const texts = [
        ...textsBelow(trigger, left, y),
        ...textsBelow(guard, left + columns.guard, y),
        ...textsBelow(effect, left + columns.effect, y),
      ];
      return { transition, texts };
    }),
    headerHeight: headerSize(state, rows).height,
    rules:
      rows.length < longList
        ? []
        : rows.flatMap(({ trigger }, index) => (index > 0 && trigger.length > 0 ? [rowTop(index)] : [])),
  };
}

/** In the middle; where a wire runs through that, as far to the left as none does. */
export function titlePlace(width: number, box: Box, height: number, wires: readonly (readonly Point[])[]): number {
  const middle = box.x + (box.width - width) / 2;
  return isFree(middle, width, box, height, wires) ? middle : freePlace(width, box, height, wires);
}

/** The leftmost place for a text within the upper part of a box that no wire runs through. */
export function freePlace(width: number, box: Box, height: number, wires: readonly (readonly Point[])[]): number {
  const first = box.x + sidePadding;
  for (let x = first; x + width < box.x + box.width - sidePadding; x += 4) {
    if (isFree(x, width, box, height, wires)) return x;
  }
  return first;
}

/** Between the text and a wire. */
const clearance = 6;

const isFree = (x: number, width: number, box: Box, height: number, wires: readonly (readonly Point[])[]): boolean =>
  wires.every((wire) => {
    const through = wire.flatMap((point, index) => {
      const next = wire[index + 1];
      const top = box.y + 1;
      const isThrough =
        next !== undefined && Math.min(point.y, next.y) < box.y + height && Math.max(point.y, next.y) > top;
      return isThrough ? [point.x, next.x] : [];
    });
    return through.every((at) => at < x - clearance) || through.every((at) => at > x + width + clearance);
  });
