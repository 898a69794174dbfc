/** The overview of the actors laid out by ELK, like a chart: groups around boxes, each arrow by way of its label. */
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import Elk from 'elkjs/lib/elk.bundled.js';

import { inkWidth, lineHeight, lineWidth, widest, type Line } from '../layout/lines.ts';
import { freePlace } from '../layout/place.ts';
import { round, textsAt, type Box, type PlacedText, type Point } from '../layout/scene.ts';
import type { ActorArrow, ActorBox, Diagram } from './diagram.ts';

export interface PlacedActor extends Box {
  readonly box: ActorBox;
  readonly titles: readonly PlacedText[];
  readonly notes: readonly PlacedText[];
}

export interface PlacedMessages extends Box {
  readonly arrow: ActorArrow;
  readonly before: readonly Point[];
  readonly after: readonly Point[];
  readonly texts: readonly { readonly message: string; readonly texts: readonly PlacedText[] }[];
}

export interface ActorScene {
  readonly width: number;
  readonly height: number;
  readonly groups: readonly (Box & { readonly titles: readonly PlacedText[] })[];
  readonly actors: readonly PlacedActor[];
  readonly arrows: readonly PlacedMessages[];
}

const margin = 16;
const titleHeight = 28;
const padding = { x: 14, y: 8 };

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
  'elk.layered.crossingMinimization.semiInteractive': 'true',
  'elk.layered.thoroughness': '50',
  'elk.spacing.nodeNode': '26',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '16',
  'elk.layered.spacing.nodeNodeBetweenLayers': '26',
  'elk.layered.spacing.edgeNodeBetweenLayers': '18',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '16',
};

const titleOf = (title: string): Line => [{ text: title, face: 'title' }];
const noteOf = (note: string): Line => [{ text: note, face: 'keyword' }];
const messageOf = (message: string, { areEvents }: ActorArrow): Line => [
  { text: message, face: areEvents ? 'event' : 'guard' },
];
const idOf = ({ from, to }: ActorArrow): string => `${from} → ${to}`;

export async function layOutActors({ groups, boxes, arrows }: Diagram): Promise<ActorScene> {
  const groupOf = new Map(boxes.map(({ id, group }) => [id, group]));
  const orderOf = (id: string) => ({ 'elk.position': `(${1000 * boxes.findIndex((box) => box.id === id)},0)` });
  const sources = new Set(
    boxes.flatMap(({ id, group }) => (group === null && !arrows.some(({ to }) => to === id) ? [id] : [])),
  );
  const boxNode = ({ id, title, notes }: ActorBox): ElkNode => ({
    id,
    width: Math.max(lineWidth(titleOf(title)), widest(notes.map(noteOf))) + 2 * padding.x,
    height: titleHeight + notes.length * lineHeight + 2 * padding.y,
    layoutOptions: { ...orderOf(id), ...(sources.has(id) ? { 'elk.layered.layering.layerConstraint': 'FIRST' } : {}) },
  });
  const labelNode = (arrow: ActorArrow): ElkNode => ({
    id: idOf(arrow),
    width: widest(arrow.messages.map((message) => messageOf(message, arrow))) + 20,
    height: arrow.messages.length * lineHeight + 10,
    layoutOptions: orderOf(isUpward(arrow) ? arrow.from : arrow.to === 'node' ? arrow.from : arrow.to),
  });
  const order = (id: string): number => boxes.findIndex((box) => box.id === id);
  /** What is told to one further up the page. */
  const isUpward = ({ from, to }: ActorArrow): boolean => order(to) < order(from);
  const homeOf = ({ from, to }: ActorArrow): string | null =>
    groupOf.get(from) === groupOf.get(to) ? (groupOf.get(from) ?? null) : null;
  const within = (group: string | null): ElkNode[] => [
    ...boxes.filter((box) => box.group === group).map(boxNode),
    ...arrows.filter((arrow) => homeOf(arrow) === group).map(labelNode),
  ];
  const edges = arrows.flatMap((arrow): ElkExtendedEdge[] => {
    const id = idOf(arrow);
    const [first, last] = isUpward(arrow) ? [arrow.to, arrow.from] : [arrow.from, arrow.to];
    return [
      { id: `${id} 1`, sources: [first], targets: [id] },
      { id: `${id} 2`, sources: [id], targets: [last] },
    ];
  });
  const graph: ElkNode = await new Elk.default().layout({
    id: 'graph',
    layoutOptions: { ...options, 'elk.padding': `[top=${margin},left=${margin},bottom=${margin},right=${margin}]` },
    children: [
      ...groups.map(({ id }) => ({
        id,
        layoutOptions: { ...options, 'elk.padding': '[top=44,left=18,bottom=18,right=18]' },
        children: within(id),
      })),
      ...within(null),
    ],
    edges,
  });
  const nodes = new Map(allNodes(graph).map((node) => [node.id, node]));
  const wires = new Map((graph.edges ?? []).map((edge) => [edge.id, pointsOf(edge)]));
  const boxOf = (id: string): Box => {
    const { x = 0, y = 0, width = 0, height = 0 } = nodes.get(id) ?? {};
    return { x: round(x), y: round(y), width: round(width), height: round(height) };
  };
  return {
    width: Math.ceil(graph.width ?? 0),
    height: Math.ceil(graph.height ?? 0),
    groups: groups.map(({ id, title }) => {
      const box = boxOf(id);
      return {
        ...box,
        titles: textsAt(titleOf(title), freePlace(inkWidth(titleOf(title)), box, 34, [...wires.values()]), box.y + 22),
      };
    }),
    actors: boxes.map((actor) => {
      const box = boxOf(actor.id);
      const middle = (line: Line): number => box.x + (box.width - inkWidth(line)) / 2;
      return {
        ...box,
        box: actor,
        titles: textsAt(titleOf(actor.title), middle(titleOf(actor.title)), box.y + 19),
        notes: actor.notes.flatMap((note, index) =>
          textsAt(noteOf(note), middle(noteOf(note)), box.y + titleHeight + padding.y + 12 + index * lineHeight),
        ),
      };
    }),
    arrows: arrows.map((arrow) => {
      const box = boxOf(idOf(arrow));
      const [first = [], last = []] = [wires.get(`${idOf(arrow)} 1`), wires.get(`${idOf(arrow)} 2`)];
      const width = Math.max(...arrow.messages.map((message) => inkWidth(messageOf(message, arrow))));
      return {
        ...box,
        arrow,
        before: isUpward(arrow) ? last.toReversed() : first,
        after: isUpward(arrow) ? first.toReversed() : last,
        texts: arrow.messages.map((message, index) => ({
          message,
          texts: textsAt(
            messageOf(message, arrow),
            box.x + (box.width - width) / 2,
            box.y + 5 + 12.5 + index * lineHeight,
          ),
        })),
      };
    }),
  };
}

const allNodes = (node: ElkNode): ElkNode[] => [node, ...(node.children ?? []).flatMap(allNodes)];

const pointsOf = ({ sections = [] }: ElkExtendedEdge): readonly Point[] =>
  sections
    .flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint])
    .map(({ x, y }) => ({ x: round(x), y: round(y) }));
