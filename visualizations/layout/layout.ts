/** A chart → where everything is. Regions of a parallel machine are laid out by themselves and stand side by side. */
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import Elk from 'elkjs/lib/elk.bundled.js';

import type { Chart, ChartState } from '../../src/inspection/chart.ts';
import { tones, type DelayWords, type Tone } from '../words.ts';
import { contentsOf, type Arrow, type Contents } from './contents.ts';
import {
  columnGap,
  graphOf,
  headerSize,
  initialId,
  isUpward,
  labelPadding,
  leftColumn,
  rowsPadding,
  sidePadding,
  titleHeight,
} from './graph.ts';
import { legendOf } from './legend.ts';
import { lineHeight, lineWidth, placeSpans, type Line } from './lines.ts';
import type { Box, Initial, PlacedArrow, PlacedLabel, PlacedRow, PlacedState, PlacedText, Point, Scene } from './scene.ts';

/** What stands between the edge of the picture and the machine. */
const margin = 16;
const legendHeight = 40;
const regionGap = 20;

type Part = Pick<Scene, 'states' | 'arrows' | 'initials'>;

export async function layOut(chart: Chart, delays: Readonly<Record<string, DelayWords>>): Promise<Scene> {
  const [root] = chart.states;
  if (root === undefined) throw new Error(`the chart ${chart.id} has no states`);
  const contents = contentsOf(chart, delays);
  const machine = root.kind === 'parallel' ? await regions(chart, contents, root) : await whole(chart, contents, root);
  const { width, height } = machine.states[0] ?? { width: 0, height: 0 };
  const legend = legendOf(margin + sidePadding, margin + height + 24);
  const legendEnd = Math.max(...legend.map((text) => text.x + text.width));
  return {
    ...machine,
    width: Math.ceil(Math.max(width + 2 * margin, legendEnd + margin)),
    height: Math.ceil(height + margin + legendHeight),
    legend,
  };
}

type Machine = Part & Pick<Scene, 'separators'>;

async function whole(chart: Chart, contents: Contents, root: ChartState): Promise<Machine> {
  return { ...(await part(chart, contents, root, { x: margin, y: margin })), separators: [] };
}

async function regions(chart: Chart, contents: Contents, root: ChartState): Promise<Machine> {
  const rows = contents.rows.get(root.id) ?? [];
  const header = headerSize([{ text: root.name, face: 'root' }], rows);
  const top = margin + header.height;
  const parts: Part[] = [];
  let x = margin;
  const separators: number[] = [];
  for (const region of chart.states.filter(({ parent }) => parent === root.id)) {
    if (parts.length > 0) separators.push(x);
    const placed = await part(chart, contents, region, { x, y: top });
    parts.push(placed);
    x += (placed.states[0]?.width ?? 0) + regionGap;
  }
  const bottom = Math.max(...parts.flatMap(({ states }) => states.map(({ y, height }) => y + height)));
  const width = Math.max(x - regionGap - margin, header.width);
  const box = { x: margin, y: margin, width, height: bottom - margin };
  const stretched = parts.map(({ states: [ground, ...rest], ...others }) => ({
    ...others,
    states: ground === undefined ? rest : [{ ...ground, height: bottom - ground.y }, ...rest],
  }));
  return {
    states: [placedState(root, box, contents), ...stretched.flatMap(({ states }) => states)],
    arrows: stretched.flatMap(({ arrows }) => arrows),
    initials: stretched.flatMap(({ initials }) => initials),
    separators: separators.map((at) => ({
      from: { x: at - regionGap / 2, y: top },
      to: { x: at - regionGap / 2, y: bottom },
    })),
  };
}

/** One state with everything in it, its upper left corner at `origin`. */
async function part(chart: Chart, contents: Contents, top: ChartState, origin: Point): Promise<Part> {
  const graph = await new Elk.default().layout(graphOf(chart, contents, top));
  const nodes = new Map(allNodes(graph).map((node) => [node.id, node]));
  const edges = new Map((graph.edges ?? []).map((edge) => [edge.id, edge]));
  const boxOf = (id: string): Box | null => {
    const node = nodes.get(id);
    return node === undefined
      ? null
      : {
          x: round((node.x ?? 0) + origin.x),
          y: round((node.y ?? 0) + origin.y),
          width: round(node.width ?? 0),
          height: round(node.height ?? 0),
        };
  };
  const wireOf = (id: string): readonly Point[] | null => {
    const edge = edges.get(id);
    return edge === undefined ? null : pointsOf(edge, origin);
  };
  return {
    states: chart.states.flatMap((state) => {
      const box = boxOf(state.id);
      return box === null ? [] : [placedState(state, box, contents)];
    }),
    arrows: contents.arrows.flatMap((arrow) => {
      const box = boxOf(arrow.id);
      return box === null ? [] : [placedArrow(arrow, box, wireOf, isUpward(arrow, chart))];
    }),
    initials: chart.states.flatMap(({ id }): Initial[] => {
      const box = boxOf(initialId(id));
      return box === null ? [] : [{ ...box, state: id, wire: wireOf(`${initialId(id)} →`) ?? [] }];
    }),
  };
}

const allNodes = (node: ElkNode): ElkNode[] => [node, ...(node.children ?? []).flatMap(allNodes)];

function pointsOf({ sections = [] }: ElkExtendedEdge, origin: Point): readonly Point[] {
  return sections
    .flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint])
    .map(({ x, y }) => ({ x: round(x + origin.x), y: round(y + origin.y) }));
}

/** To half a pixel. */
const round = (value: number): number => Math.round(value * 2) / 2;

function placedArrow(
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
    before: along(wireOf(`${arrow.id} in`)),
    after: along(wireOf(`${arrow.id} out`)) ?? [],
    label: placedLabel(arrow, box),
  };
}

function placedLabel({ labels }: Arrow, box: Box): PlacedLabel {
  let y = box.y + labelPadding.y;
  const rows = labels.map(({ transition, lines }): PlacedRow => {
    const texts = lines.flatMap((line) => {
      const placed = textsAt(line, box.x + (box.width - lineWidth(line)) / 2, y);
      y += lineHeight;
      return placed;
    });
    return { transition, texts };
  });
  return { ...box, rows };
}

const baseline = 12.5;

const textsAt = (line: Line, x: number, top: number): readonly PlacedText[] =>
  placeSpans(line).map((span) => ({ ...span, x: round(span.x + x), y: top + baseline }));

function placedState(state: ChartState, box: Box, contents: Contents): PlacedState {
  const isRoot = state.parent === null;
  const rows = contents.rows.get(state.id) ?? [];
  const title: Line = [{ text: state.name, face: isRoot ? 'root' : 'title' }];
  const header = headerSize(title, rows);
  const left = box.x + sidePadding;
  const right = left + leftColumn(rows) + columnGap;
  const [name] = textsAt(title, isRoot ? left : box.x + (box.width - lineWidth(title)) / 2, 0);
  const isBar = state.kind !== 'atomic' || rows.length > 0;
  const height = isBar ? titleHeight : box.height;
  return {
    ...box,
    state,
    tone: toneOf(state.id),
    look: isRoot ? 'root' : isRegion(state, contents) ? 'region' : 'box',
    title: { ...(name ?? { text: state.name, face: 'title', x: left, width: 0 }), y: box.y + height / 2 + 5 },
    titleHeight: height,
    rows: rows.map((row, index) => {
      const y = box.y + titleHeight + rowsPadding + index * lineHeight;
      return { transition: row.transition, texts: [...textsAt(row.left, left, y), ...textsAt(row.right, right, y)] };
    }),
    headerHeight: header.height,
  };
}

const isRegion = ({ parent }: ChartState, { parallel }: Contents): boolean => parent !== null && parallel.has(parent);

function toneOf(id: string): Tone {
  for (let at = id; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const tone = tones[at];
    if (tone !== undefined) return tone;
  }
  return 'plain';
}
