/** The overview of the actors as SVG. */
import { styleSheet } from '../svg/palette.ts';
import { bar, escape, head, rectangle, text, wire } from '../svg/shapes.ts';
import type { ActorScene, PlacedActor, PlacedMessages } from './layout.ts';

const description = 'All actors of backhauld and what they send each other';

export const actorsSvg = ({ width, height, groups, actors, arrows }: ActorScene): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${description}">`,
    `<title>${description}</title>`,
    `<style>${styleSheet}</style>`,
    rectangle({ x: 0, y: 0, width, height }, 10, 'paper'),
    ...groups.map(
      (group) => `<g class="plain">${rectangle(group, 10, 'ground')}${group.titles.map(text).join('')}</g>`,
    ),
    ...actors.map(actorSvg),
    ...arrows.map((arrow) => arrowSvg(arrow, toneOf(arrow, actors))),
    '</svg>',
    '',
  ].join('\n');

/** Events are coloured like whoever sends them. */
const toneOf = ({ arrow }: PlacedMessages, actors: readonly PlacedActor[]): string =>
  actors.find(({ box }) => box.id === arrow.from)?.box.tone ?? 'plain';

function actorSvg(placed: PlacedActor): string {
  const { box, titles, notes, x, y, width, height } = placed;
  const behind = box.isMany ? rectangle({ x: x + 5, y: y + 5, width, height }, 8, 'box') : '';
  const inner = { x: x + 0.6, y: y + 0.6, width: width - 1.2, height };
  return [
    `<g data-actor="${box.id}" class="${box.tone}">`,
    behind + rectangle(placed, 8, 'box') + bar(inner, 27.4, 7.4, false),
    [...titles, ...notes].map(text).join(''),
    '</g>',
  ].join('\n');
}

function arrowSvg(placed: PlacedMessages, tone: string): string {
  const { arrow, before, after, texts } = placed;
  const said = texts.map((one) => {
    const name = arrow.areEvents ? ` data-message="${escape(one.message)}"` : '';
    return `<g${name}>${one.texts.map(text).join('')}</g>`;
  });
  return [
    `<g data-from="${arrow.from}" data-to="${arrow.to}" class="${tone}">`,
    `<title>${escape(`${arrow.from} → ${arrow.to}: ${arrow.messages.join(', ')}`)}</title>`,
    wire(before) + wire(after) + head(after) + rectangle(placed, Math.min(12, placed.height / 2), 'label'),
    ...said,
    '</g>',
  ].join('\n');
}
