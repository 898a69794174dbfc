/** What is written in the picture of a chart: the rows within each state, and the transitions that are arrows. */
import type { Chart, ChartState, ChartTransition } from '../../src/inspection/chart.ts';
import { bookkeeping, type DelayWords } from '../words.ts';
import { lineWidth, type Line, type Span } from './lines.ts';

/** What happens within a state: three columns, an event, on which condition, and what is done. */
export interface Row {
  /** Null for actions on entry and exit. */
  readonly transition: ChartTransition | null;
  readonly trigger: Line;
  readonly guard: Line;
  readonly effect: Line;
}

/** Transitions from one state to another; those that go the same way share one arrow. */
export interface Arrow {
  readonly id: string;
  readonly source: ChartState;
  readonly target: ChartState;
  readonly labels: readonly { readonly transition: ChartTransition; readonly lines: readonly Line[] }[];
}

export interface Contents {
  /** States whose children are regions. */
  readonly parallel: ReadonlySet<string>;
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  readonly arrows: readonly Arrow[];
}

export function contentsOf(chart: Chart, delays: Readonly<Record<string, DelayWords>>): Contents {
  const states = new Map(chart.states.map((state) => [state.id, state]));
  const rows = new Map(chart.states.map((state) => [state.id, entryAndExit(state)]));
  const arrows = new Map<string, Arrow>();
  for (const transition of chart.transitions) {
    const source = states.get(transition.source);
    if (source === undefined) continue;
    const isElse = isOtherwise(transition, chart.transitions);
    const targets = transition.targets.flatMap((id) => states.get(id) ?? []);
    for (const target of targets) {
      if (target === source) continue;
      const id = `${source.id} → ${target.id}`;
      const labels = [...(arrows.get(id)?.labels ?? []), { transition, lines: labelOf(transition, isElse, delays) }];
      arrows.set(id, { id, source, target, labels });
    }
    if (targets.every((target) => target === source)) rows.get(source.id)?.push(rowOf(transition, isElse, delays));
  }
  return {
    parallel: new Set(chart.states.filter(({ kind }) => kind === 'parallel').map(({ id }) => id)),
    rows: new Map([...rows].map(([id, all]) => [id, withoutRepeats(all)])),
    arrows: [...arrows.values()],
  };
}

/** The last of several for the same event, which holds where no guard does. */
export const isOtherwise = (transition: ChartTransition, all: readonly ChartTransition[]): boolean =>
  transition.guard === null &&
  all.some(
    ({ source, event, delay, guard }) =>
      source === transition.source && event === transition.event && delay === transition.delay && guard !== null,
  );

export const triggerOf = (
  { event, delay }: ChartTransition,
  delays: Readonly<Record<string, DelayWords>>,
): readonly Span[] => {
  if (delay !== null) {
    return [
      { text: delay, face: 'delay' },
      { text: delays[delay]?.text ?? '', face: 'duration' },
    ];
  }
  return [{ text: event ?? 'always', face: 'event' }];
};

export const guardOf = ({ guard }: ChartTransition, isElse: boolean): readonly Span[] => {
  if (guard === null) return isElse ? [{ text: '[else]', face: 'guard' }] : [];
  return [{ text: `[${guard}]`, face: 'guard' }];
};

export const actionsOf = (names: readonly string[]): readonly Span[] => {
  const told = names.filter((name) => !bookkeeping.has(name));
  return told.length === 0 ? [] : [{ text: `/ ${told.join(', ')}`, face: 'action' }];
};

/** Wider than this, actions get a line of their own. */
const widestLabel = 260;

function labelOf(
  transition: ChartTransition,
  isElse: boolean,
  delays: Readonly<Record<string, DelayWords>>,
): readonly Line[] {
  const line = [...triggerOf(transition, delays), ...guardOf(transition, isElse)];
  const actions = actionsOf(transition.actions);
  if (actions.length === 0) return [line];
  return lineWidth([...line, ...actions]) > widestLabel ? [line, actions] : [[...line, ...actions]];
}

function rowOf(transition: ChartTransition, isElse: boolean, delays: Readonly<Record<string, DelayWords>>): Row {
  const again: Line = transition.targets.length === 0 ? [] : [{ text: 'entered anew', face: 'keyword' }];
  const does = [...again, ...actionsOf(transition.actions)];
  return {
    transition,
    trigger: triggerOf(transition, delays),
    guard: guardOf(transition, isElse),
    effect: does.length > 0 ? does : [{ text: 'changes nothing', face: 'keyword' }],
  };
}

function entryAndExit({ entry, exit }: ChartState): Row[] {
  const row = (keyword: string, names: readonly string[]): Row[] => {
    const effect = actionsOf(names);
    return effect.length === 0
      ? []
      : [{ transition: null, trigger: [{ text: keyword, face: 'keyword' }], guard: [], effect }];
  };
  return [...row('entry', entry), ...row('exit', exit)];
}

/** An event with several guards is named once. */
const withoutRepeats = (rows: readonly Row[]): readonly Row[] =>
  rows.map((row, index) => {
    const before = rows[index - 1]?.transition;
    const isRepeat = row.transition !== null && before?.event === row.transition.event && row.transition.event !== null;
    return isRepeat ? { ...row, trigger: [] } : row;
  });
