/** The pages beside the pictures: one of prose for each machine, and the one that shows them all. */
import { readFileSync } from 'node:fs';

import type { Chart, ChartState, ChartTransition } from '../src/inspection/chart.ts';
import { defaultConfig } from '../src/model/config.ts';
import type { MachineName } from '../src/model/trace.ts';
import { isOtherwise } from './layout/contents.ts';
import type { Prose } from './prose.ts';
import { durationText, type DelayWords } from './words.ts';

const mark = '<!-- Made by "npm run visualize". The texts are in visualizations/prose. -->';

export interface MachinePage {
  readonly name: MachineName;
  readonly chart: Chart;
  readonly prose: Prose;
  readonly delays: Readonly<Record<string, DelayWords>>;
  readonly mermaid: string;
}

export function pageOf(page: MachinePage): string {
  const { name, chart, prose, delays, mermaid } = page;
  const states = chart.states.map((state) => [
    `${'&nbsp;&nbsp;'.repeat(depthOf(state, chart))}\`${state.name}\``,
    inline(prose.states.get(state.id) ?? ''),
    waitsOf(state, chart, delays).join('<br>'),
  ]);
  const waits = Object.entries(delays).map(([delay, { text, setting, meaning }]) => [
    `\`${delay}\``,
    text,
    setting === null ? 'fixed' : `\`${setting}\``,
    meaning,
  ]);
  return [
    `# ${prose.title}`,
    mark,
    prose.introduction,
    `![Statechart of the machine ${name}](${name}.svg)`,
    '## States',
    table(['state', 'what it means', 'what leads out of it'], states),
    ...(waits.length === 0 ? [] : ['## Delays', table(['delay', 'by default', 'setting', 'what waits'], waits)]),
    '## As text',
    `\`\`\`mermaid\n${mermaid}\`\`\``,
    '[All charts](../README.md)',
    '',
  ].join('\n\n');
}

/** Every way out of a state itself: what has to come, or how long it takes. */
function waitsOf(state: ChartState, { transitions, states }: Chart, delays: MachinePage['delays']): string[] {
  const nameOf = (id: string): string => {
    const target = states.find((one) => one.id === id);
    const isSibling = target?.parent === state.id || target?.parent === state.parent;
    return target === undefined || isSibling ? (target?.name ?? id) : id.split('.').slice(2).join('.') || target.name;
  };
  return transitions
    .filter(({ source, targets }) => source === state.id && targets.some((target) => target !== source))
    .map((transition) => {
      const to = transition.targets.map((id) => `\`${nameOf(id)}\``).join(', ');
      return `${triggerOf(transition, transitions, delays)} → ${to}`;
    });
}

function triggerOf(
  transition: ChartTransition,
  all: readonly ChartTransition[],
  delays: MachinePage['delays'],
): string {
  const { event, delay, guard } = transition;
  const condition = guard === null ? (isOtherwise(transition, all) ? ' [else]' : '') : ` [${guard}]`;
  if (delay !== null) return `⏱ \`${delay}\` **${delays[delay]?.text ?? ''}**${condition}`;
  return `\`${event ?? 'always'}\`${condition}`;
}

const depthOf = ({ id }: ChartState, { id: root }: Chart): number => id.split('.').length - root.split('.').length;

const inline = (text: string): string => text.replaceAll(/\s*\n\s*/gu, ' ');

const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  [titles, titles.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`)
    .join('\n');

/** The page that shows all pictures; its durations are the defaults. */
export function indexOf(pages: readonly MachinePage[]): string {
  const source = readFileSync(new URL('prose/README.md', import.meta.url), 'utf8');
  const pictures = [
    '## The actors\n\nWho sends what to whom.\n\n[![All actors and what they send each other](charts/actors.svg)](charts/actors.svg)',
    ...pages.map(({ name, prose }) => {
      const [first = ''] = prose.introduction.split('\n\n');
      return `## ${prose.title}\n\n${first}\n\n[![Statechart of the machine ${name}](charts/${name}.svg)](charts/${name}.md)\n\n[The states of ${name}, and how long each step waits](charts/${name}.md)`;
    }),
  ].join('\n\n');
  return source.replaceAll(/\{\{([\w.]+)\}\}/gu, (_, key: string) =>
    key === 'pictures' ? pictures : settingText(key),
  );
}

/** A default as people write it: a number of something, or a duration. */
function settingText(path: string): string {
  let value: unknown = defaultConfig;
  for (const key of path.split('.')) {
    value =
      typeof value === 'object' && value !== null
        ? Object.entries(value).find(([name]) => name === key)?.[1]
        : undefined;
  }
  if (typeof value !== 'number') throw new Error(`visualizations/prose/README.md: there is no setting ${path}`);
  return isDuration(path) ? durationText(value) : String(value);
}

const counts = /(?:penalty|suppressAbove|reuseBelow|switchMargin|switchRounds|downThreshold)$/u;
const isDuration = (path: string): boolean => !counts.test(path);
