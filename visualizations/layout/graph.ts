/**
 * A chart as a graph that ELK can lay out: states are nodes within nodes, and each arrow goes by way of a label, which is
 * a node of its own, so that nothing is ever written over anything.
 */
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';

import type { Chart, ChartState } from '../../src/inspection/chart.ts';
import { toneOf } from '../words.ts';
import type { Arrow, Contents, Row } from './contents.ts';
import { lineHeight, lineWidth, widest, type Line } from './lines.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const rowsPadding = 8;
export const columnGap = 12;
export const sidePadding = 12;
export const labelPadding = { x: 10, y: 5 };

export const initialId = (state: string): string => `${state} initial`;

export const titleLine = ({ name, parent }: ChartState): Line => [
  { text: name, face: parent === null ? 'root' : 'title' },
];
export const titleHeightOf = ({ parent }: ChartState): number => (parent === null ? 36 : 28);

/** Where the columns of a state's rows begin, and how wide they are in all. */
export function columnsOf(rows: readonly Row[]): {
  readonly guard: number;
  readonly effect: number;
  readonly width: number;
} {
  const [trigger, guard, effect] = [
    widest(rows.map((row) => row.trigger)),
    widest(rows.map((row) => row.guard)),
    widest(rows.map((row) => row.effect)),
  ];
  const afterTrigger = trigger + columnGap;
  const afterGuard = guard === 0 ? afterTrigger : afterTrigger + guard + columnGap;
  return { guard: afterTrigger, effect: afterGuard, width: rows.length === 0 ? 0 : afterGuard + effect };
}

/** The title of a state and the rows below it. */
export function headerSize(state: ChartState, rows: readonly Row[]): Size {
  return {
    width: Math.ceil(Math.max(lineWidth(titleLine(state)), columnsOf(rows).width)) + 2 * sidePadding,
    height: titleHeightOf(state) + (rows.length === 0 ? 0 : rows.length * lineHeight + 2 * rowsPadding),
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
  // Side by side in the order of the source, as far as the positions given to nodes say so.
  'elk.layered.crossingMinimization.semiInteractive': 'true',
  'elk.layered.thoroughness': '7',
  'elk.spacing.nodeNode': '22',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '14',
  'elk.layered.spacing.nodeNodeBetweenLayers': '24',
  'elk.layered.spacing.edgeNodeBetweenLayers': '16',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '14',
};

const within = (id: string, ancestor: string): boolean => id.startsWith(`${ancestor}.`);

/** What leads from a trial to what is wanted leads straight down. */
const isHappy = ({ source, target }: Arrow): boolean => toneOf(source.id) === 'trial' && toneOf(target.id) === 'good';
const straight = { 'elk.layered.priority.straightness': '100', 'elk.layered.priority.shortness': '100' };

/**
 * The graph of one state with everything in it.
 *
 * ELK does not heed the least width of a node that has children: `missing` says how much more each needs.
 */
export function graphOf(
  chart: Chart,
  contents: Contents,
  top: ChartState,
  missing: ReadonlyMap<string, number> = new Map(),
): ElkNode {
  const arrows = contents.arrows.filter(({ source }) => source === top || within(source.id, top.id));
  const inOrder = (state: ChartState) => ({ 'elk.position': `(${1000 * chart.states.indexOf(state)},0)` });

  /** The state within which the label of an arrow stands. */
  const homeOf = (arrow: Arrow): string => {
    if (isInward(arrow)) return arrow.source.id;
    const upper = isUpward(arrow, chart) ? arrow.target : arrow.source;
    return upper.parent ?? top.id;
  };

  const labelNode = (arrow: Arrow): ElkNode => ({
    id: arrow.id,
    ...labelSize(arrow),
    layoutOptions: inOrder(isInward(arrow) ? arrow.target : arrow.source),
  });

  const initialNodes = (state: ChartState): ElkNode[] => {
    if (state.initial === null) return [];
    const layoutOptions = { 'elk.layered.layering.layerConstraint': 'FIRST', 'elk.position': '(0,0)' };
    return [{ id: initialId(state.id), width: 12, height: 12, layoutOptions }];
  };

  const stateNode = (state: ChartState): ElkNode => {
    const children = chart.states.filter(({ parent }) => parent === state.id);
    const header = headerSize(state, contents.rows.get(state.id) ?? []);
    if (children.length === 0) return { id: state.id, ...header, layoutOptions: inOrder(state) };
    const side = 16 + (missing.get(state.id) ?? 0) / 2;
    const padding = `[top=${header.height + 14},left=${side},bottom=16,right=${side}]`;
    return {
      id: state.id,
      layoutOptions: { ...options, 'elk.padding': padding },
      children: [
        ...initialNodes(state),
        ...arrows.filter((arrow) => homeOf(arrow) === state.id).map(labelNode),
        ...children.map(stateNode),
      ],
    };
  };

  const initialEdges = chart.states.flatMap(({ id, initial }): ElkExtendedEdge[] =>
    initial !== null && (id === top.id || within(id, top.id))
      ? [{ id: `${initialId(id)} →`, sources: [initialId(id)], targets: [initial] }]
      : [],
  );
  return {
    id: 'graph',
    layoutOptions: { ...options, 'elk.padding': '[top=0,left=0,bottom=0,right=0]' },
    children: [stateNode(top)],
    edges: [...initialEdges, ...arrows.flatMap((arrow) => edgesOf(arrow, chart))],
  };
}

/** From the source to the label, and from the label to the target. */
function edgesOf(arrow: Arrow, chart: Chart): ElkExtendedEdge[] {
  const { id, source, target } = arrow;
  const layoutOptions = isHappy(arrow) ? straight : {};
  const before = { id: `${id} before`, sources: [source.id], targets: [id], layoutOptions };
  const after = { id: `${id} after`, sources: [id], targets: [target.id], layoutOptions };
  if (isInward(arrow)) return [after];
  if (!isUpward(arrow, chart)) return [before, after];
  const turned = ({ sources, targets, ...edge }: ElkExtendedEdge) => ({ ...edge, sources: targets, targets: sources });
  return [turned(after), turned(before)];
}

/** From a state to one within it: whichever of the others is active. */
const isInward = ({ source, target }: Arrow): boolean => within(target.id, source.id);

/** Against the order of the source: ELK gets such an arrow the other way round, so that it leads up in the picture. */
export const isUpward = (arrow: Arrow, { states }: Chart): boolean =>
  !isInward(arrow) && states.indexOf(arrow.target) < states.indexOf(arrow.source);
