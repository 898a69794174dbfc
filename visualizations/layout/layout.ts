/** A chart → where everything is. Regions of a parallel machine are laid out by themselves and stand side by side. */
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import Elk from 'elkjs/lib/elk.bundled.js';

import type { Chart, ChartState } from '../../src/inspection/chart.ts';
import type { DelayWords } from '../words.ts';
import { contentsOf, type Contents } from './contents.ts';
import { graphOf, headerSize, initialId, isUpward, sidePadding } from './graph.ts';
import { legendOf, legendWidth } from './legend.ts';
import { placedArrow, placedState } from './place.ts';
import { round, type Box, type Initial, type Point, type Scene } from './scene.ts';

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
  return {
    ...machine,
    width: Math.ceil(width + 2 * margin),
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
  const header = headerSize(root, rows);
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
  const width = Math.max(x - regionGap - margin, header.width, legendWidth);
  const box = { x: margin, y: margin, width, height: bottom - margin };
  return {
    states: [placedState(root, box, contents, []), ...parts.flatMap(({ states }) => states)],
    arrows: parts.flatMap(({ arrows }) => arrows),
    initials: parts.flatMap(({ initials }) => initials),
    separators: separators.map((at) => ({
      from: { x: at - regionGap / 2, y: top },
      to: { x: at - regionGap / 2, y: bottom },
    })),
  };
}

/** A machine is at least as wide as the legend below it. */
const leastWidth = (state: ChartState, { rows }: Contents): number =>
  Math.max(state.parent === null ? legendWidth : 0, headerSize(state, rows.get(state.id) ?? []).width);

/** One state with everything in it, its upper left corner at `origin`. */
async function part(chart: Chart, contents: Contents, top: ChartState, origin: Point): Promise<Part> {
  const elk = new Elk.default();
  const narrow = allNodes(await elk.layout(graphOf(chart, contents, top)));
  const missing = new Map(
    chart.states.map((state) => {
      const width = narrow.find(({ id }) => id === state.id)?.width ?? 0;
      return [state.id, Math.max(0, leastWidth(state, contents) - width)] as const;
    }),
  );
  const isTooNarrow = narrow.some(({ id, children }) => children !== undefined && (missing.get(id) ?? 0) > 0);
  const graph = await elk.layout(graphOf(chart, contents, top, isTooNarrow ? missing : new Map()));
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
  const wires = (graph.edges ?? []).map((edge) => pointsOf(edge, origin));
  return {
    states: chart.states.flatMap((state) => {
      const box = boxOf(state.id);
      return box === null ? [] : [placedState(state, box, contents, wires)];
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
