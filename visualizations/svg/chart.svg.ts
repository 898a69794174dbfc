/** A laid out chart as SVG. Every state and transition is a group that bears its id, so that a page can light it. */
import type { ChartTransition } from '../../src/inspection/chart.ts';
import type { Box, PlacedArrow, PlacedRow, PlacedState, Scene } from '../layout/scene.ts';
import { styleSheet } from './palette.ts';
import { bar, escape, head, number, rectangle, text, wire } from './shapes.ts';

const radius = 8;

export function chartSvg(scene: Scene, description: string): string {
  const { width, height, states, arrows, initials, separators, legend } = scene;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(description)}">`,
    `<title>${escape(description)}</title>`,
    `<style>${styleSheet}</style>`,
    rectangle({ x: 0, y: 0, width, height }, 10, 'paper'),
    ...states.map(stateSvg),
    ...separators.map(
      ({ from, to }) =>
        `<path class="separator" d="M${number(from.x)} ${number(from.y)}L${number(to.x)} ${number(to.y)}"/>`,
    ),
    ...initials.map((initial) => {
      const { x, y, width: size, state } = initial;
      const dot = `<circle class="initial" cx="${number(x + size / 2)}" cy="${number(y + size / 2)}" r="${number(size / 2)}"/>`;
      return `<g class="plain"><title>${escape(`${state} begins here`)}</title>${wire(initial.wire)}${head(initial.wire)}${dot}</g>`;
    }),
    ...arrows.flatMap(arrowSvg),
    `<g>${legend.map(text).join('')}</g>`,
    '</svg>',
    '',
  ].join('\n');
}

function stateSvg(placed: PlacedState): string {
  const { state, tone, look, titles, titleHeight, headerHeight, rows } = placed;
  const isWhole = titleHeight === placed.height;
  // The page lights what is directly in the group: the ground and the regions, which are always active, are not.
  const shape =
    look === 'box'
      ? `${rectangle(placed, radius, 'box')}<g>${bar(inset(placed), titleHeight - 0.6, radius - 0.6, isWhole)}</g>`
      : `<g>${rectangle(placed, look === 'root' ? 10 : 0, look === 'root' ? 'ground' : 'region')}</g>`;
  const isRuled = rows.length > 0 && state.kind !== 'atomic';
  const across = (y: number, from: number): string =>
    `M${number(placed.x + from)} ${number(y)}h${number(placed.width - 2 * from)}`;
  const lines = [...(isRuled ? [across(placed.y + headerHeight, 0)] : []), ...placed.rules.map((y) => across(y, 12))];
  const rule = lines.length === 0 ? '' : `<g><path class="rule" d="${lines.join('')}"/></g>`;
  return [
    `<g id="${escape(state.id)}" data-state="${escape(state.id)}" class="state ${tone}">`,
    `<title>${escape(titleOf(placed))}</title>`,
    shape,
    rule,
    titles.map(text).join(''),
    rows.map(rowSvg).join('\n'),
    '</g>',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

const inset = ({ x, y, width, height }: PlacedState): Box => ({
  x: x + 0.6,
  y: y + 0.6,
  width: width - 1.2,
  height: height - 1.2,
});

function titleOf({ state }: PlacedState): string {
  const entry = state.entry.length === 0 ? '' : `\nentry / ${state.entry.join(', ')}`;
  const exit = state.exit.length === 0 ? '' : `\nexit / ${state.exit.join(', ')}`;
  return `${state.id}${entry}${exit}`;
}

function rowSvg({ transition, texts }: PlacedRow): string {
  const written = texts.map(text).join('');
  return transition === null ? `<g>${written}</g>` : group(transition, written);
}

function group(transition: ChartTransition, content: string): string {
  const delay = transition.delay === null ? '' : ` data-delay="${escape(transition.delay)}"`;
  return (
    `<g data-transition="${escape(transition.id)}"${delay}>` +
    `<title>${escape(sentenceOf(transition))}</title>${content}</g>`
  );
}

function arrowSvg({ before, after, label, tone }: PlacedArrow): readonly string[] {
  const transitions = label.rows.flatMap(({ transition }) => transition ?? []);
  const lines = `${before === null ? '' : wire(before)}${wire(after)}${head(after)}`;
  const ids = transitions.map(({ id }) => id).join(' ');
  return [
    `<g data-transition="${escape(ids)}" class="${tone}">${lines}${rectangle(label, Math.min(12, label.height / 2), 'label')}</g>`,
    ...label.rows.map(rowSvg),
  ];
}

/** All of a transition in words, for tool tips. */
export function sentenceOf({ source, event, delay, guard, actions, targets }: ChartTransition): string {
  const trigger = delay === null ? (event ?? 'always') : `after ${delay}`;
  const condition = guard === null ? '' : ` [${guard}]`;
  const effect = actions.length === 0 ? '' : ` / ${actions.join(', ')}`;
  return `${source}: ${trigger}${condition}${effect}${targets.length === 0 ? '' : ` → ${targets.join(', ')}`}`;
}
