/**
 * A chart as Mermaid text, which forges draw by themselves.
 *
 * Its state diagrams know no transition from a state to one within it, and no list of events within a state that has
 * children: both start from a box that stands for any of the states around it.
 */
import type { Chart, ChartState, ChartTransition } from '../src/inspection/chart.ts';
import { isOtherwise } from './layout/contents.ts';
import { bookkeeping, type DelayWords } from './words.ts';

export function mermaidOf(chart: Chart, delays: Readonly<Record<string, DelayWords>>): string {
  const [root] = chart.states;
  if (root === undefined) return '';
  const words = new Map(chart.transitions.map((transition) => [transition, wordsOf(transition, chart, delays)]));
  const lines = [
    'stateDiagram-v2',
    '  direction TB',
    ...stateLines(root, chart, words, 1),
    ...chart.transitions.flatMap((transition) => {
      const { source, targets } = transition;
      return targets
        .filter((target) => !isWithin(target, source))
        .map((target) => `  ${nameOf(source)} --> ${nameOf(target)} : ${words.get(transition)}`);
    }),
  ];
  return `${lines.join('\n')}\n`;
}

type Words = ReadonlyMap<ChartTransition, string>;

function stateLines(state: ChartState, chart: Chart, words: Words, depth: number): string[] {
  const indent = '  '.repeat(depth);
  const children = chart.states.filter(({ parent }) => parent === state.id);
  const own = chart.transitions.filter(({ source }) => source === state.id);
  const done = [...actionsOn('entry', state.entry), ...actionsOn('exit', state.exit)].concat(
    own.filter(({ targets }) => targets.length === 0).map((transition) => words.get(transition) ?? ''),
  );
  const name = nameOf(state.id);
  if (children.length === 0) {
    return [`${indent}state "${state.name}" as ${name}`, ...done.map((line) => `${indent}${name} : ${line}`)];
  }
  const inward = own.filter(({ targets }) => targets.some((target) => isWithin(target, state.id)));
  const any = `${name}_any`;
  const anyLines =
    inward.length + done.length === 0
      ? []
      : [
          `state "${state.parent === null ? 'whatever the state' : `any state of ${state.name}`}" as ${any}`,
          ...done.map((line) => `${any} : ${line}`),
          ...inward.flatMap((transition) =>
            transition.targets.map((target) => `${any} --> ${nameOf(target)} : ${words.get(transition)}`),
          ),
        ];
  const initial = state.initial === null ? [] : [`[*] --> ${nameOf(state.initial)}`];
  const within = (inner: number): string[] => [
    ...[...initial, ...anyLines].map((line) => `${'  '.repeat(inner)}${line}`),
    ...children.flatMap((child) => stateLines(child, chart, words, inner)),
  ];
  // The diagram as a whole is the root.
  if (state.parent === null) return within(depth);
  return [`${indent}state "${state.name}" as ${name} {`, ...within(depth + 1), `${indent}}`];
}

/** Trigger, guard and actions of a transition, as they stand on its arrow. */
export function wordsOf(
  transition: ChartTransition,
  { transitions }: Pick<Chart, 'transitions'>,
  delays: Readonly<Record<string, DelayWords>>,
): string {
  const { event, delay, guard, actions } = transition;
  const trigger = delay === null ? (event ?? 'always') : `after ${delay} (${delays[delay]?.text})`;
  const condition = guard === null ? (isOtherwise(transition, transitions) ? ' [else]' : '') : ` [${guard}]`;
  const told = actions.filter((name) => !bookkeeping.has(name));
  return escaped(`${trigger}${condition}${told.length === 0 ? '' : ` / ${told.join(', ')}`}`);
}

const actionsOn = (keyword: string, names: readonly string[]): string[] => {
  const told = names.filter((name) => !bookkeeping.has(name));
  return told.length === 0 ? [] : [escaped(`${keyword} / ${told.join(', ')}`)];
};

/** What ends a label, as a character code. */
const escaped = (text: string): string => text.replaceAll(/[:;#]/gu, (character) => `#${character.codePointAt(0)};`);

const nameOf = (id: string): string => id.replaceAll(/[^A-Za-z0-9]/gu, '_');
const isWithin = (id: string, ancestor: string): boolean => id.startsWith(`${ancestor}.`);
