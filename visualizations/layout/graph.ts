/**
 * A chart as a graph that ELK can lay out: states are nodes within nodes, and each arrow goes by way of a label, which is
 * a node of its own, so that nothing is ever written over anything.
 */
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';

import type { Chart, ChartState } from '../../src/inspection/chart.ts';
import type { Arrow, Contents, Row } from './contents.ts';
import { lineHeight, lineWidth, widest, type Line } from './lines.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const titleHeight = 28;
export const rowsPadding = 8;
export const columnGap = 12;
export const sidePadding = 12;
export const labelPadding = { x: 10, y: 5 };

export const initialId = (state: string): string => `${state} initial`;

export const leftColumn = (rows: readonly Row[]): number => widest(rows.map(({ left }) => left));

/** The title of a state and the rows below it. */
export function headerSize(title: Line, rows: readonly Row[]): Size {
  const body = rows.length === 0 ? 0 : leftColumn(rows) + columnGap + widest(rows.map(({ right }) => right));
  return {
    width: Math.ceil(Math.max(lineWidth(title), body)) + 2 * sidePadding,
    height: titleHeight + (rows.length === 0 ? 0 : rows.length * lineHeight + 2 * rowsPadding),
  };
}

export function labelSize({ labels }: Arrow): Size {
  const lines = labels.flatMap((label) => label.lines);
  return { width: widest(lines) + 2 * labelPadding.x, height: lines.length * lineHeight + 2 * labelPadding.y };
}

const options = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.randomSeed': '1',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.nodePlacement.favorStraightEdges': 'true',
  'elk.layered.thoroughness': '50',
  'elk.spacing.nodeNode': '22',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '14',
  'elk.layered.spacing.nodeNodeBetweenLayers': '24',
  'elk.layered.spacing.edgeNodeBetweenLayers': '16',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '14',
};

/** Against the order of the source: ELK gets such an arrow the other way round, so that it leads up in the picture. */
export const isUpward = ({ source, target }: Arrow, { states }: Chart): boolean =>
  !target.id.startsWith(`${source.id}.`) && states.indexOf(target) < states.indexOf(source);

/** The graph of one state with everything in it. */
export function graphOf(chart: Chart, contents: Contents, top: ChartState): ElkNode {
  const within = (id: string, ancestor: string): boolean => id.startsWith(`${ancestor}.`);
  const arrows = contents.arrows.filter(({ source }) => source === top || within(source.id, top.id));
  /** The state within which the label of an arrow stands. */
  const homeOf = (arrow: Arrow): string => {
    const { source, target } = arrow;
    if (within(target.id, source.id)) return source.id;
    const upper = isUpward(arrow, chart) ? target : source;
    return upper.parent ?? top.id;
  };

  const nodeOf = (state: ChartState): ElkNode => {
    const children = chart.states.filter(({ parent }) => parent === state.id);
    const face = state.parent === null ? 'root' : 'title';
    const header = headerSize([{ text: state.name, face }], contents.rows.get(state.id) ?? []);
    if (children.length === 0) return { id: state.id, ...header };
    const labels = arrows.filter((arrow) => homeOf(arrow) === state.id);
    return {
      id: state.id,
      layoutOptions: {
        ...options,
        'elk.padding': `[top=${header.height + 14},left=16,bottom=16,right=16]`,
        'elk.nodeSize.constraints': 'MINIMUM_SIZE',
        'elk.nodeSize.minimum': `(${header.width},${header.height})`,
      },
      children: [
        ...(state.initial === null
          ? []
          : [
              {
                id: initialId(state.id),
                width: 12,
                height: 12,
                layoutOptions: { 'elk.layered.layering.layerConstraint': 'FIRST' },
              },
            ]),
        ...labels.map((arrow) => ({ id: arrow.id, ...labelSize(arrow) })),
        ...children.map(nodeOf),
      ],
    };
  };
  const edges: ElkExtendedEdge[] = [
    ...chart.states
      .filter(({ id, initial }) => initial !== null && (id === top.id || within(id, top.id)))
      .map(({ id, initial }) => ({
        id: `${initialId(id)} →`,
        sources: [initialId(id)],
        targets: [initial ?? ''],
      })),
    ...arrows.flatMap((arrow) => {
      const { id, source, target } = arrow;
      if (isUpward(arrow, chart)) {
        return [
          { id: `${id} out`, sources: [target.id], targets: [id] },
          { id: `${id} in`, sources: [id], targets: [source.id] },
        ];
      }
      const way = { id: `${id} out`, sources: [id], targets: [target.id] };
      return within(target.id, source.id) ? [way] : [{ id: `${id} in`, sources: [source.id], targets: [id] }, way];
    }),
  ];
  return { id: 'graph', layoutOptions: { ...options, 'elk.padding': '[top=0,left=0,bottom=0,right=0]' }, children: [nodeOf(top)], edges };
}
