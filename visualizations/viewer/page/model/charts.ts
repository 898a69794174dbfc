import type { Chart, ChartState, ChartTransition } from '../../../../src/inspection/chart.ts';
import type { ActorView, MachineName, Step } from '../../../../src/model/trace.ts';

/** What the page carries of a machine: its chart as data, and what its states mean to an operator. */
export interface MachineData {
  readonly machine: MachineName;
  readonly title: string;
  readonly about: string;
  readonly chart: Chart;
  /** By the id of the state. */
  readonly prose: Readonly<Record<string, string>>;
}

/** The charts by the ids that traces use. */
export class Charts {
  readonly machines: readonly MachineData[];
  readonly #states: ReadonlyMap<string, ChartState>;
  readonly #transitions: ReadonlyMap<string, ChartTransition>;

  constructor(machines: readonly MachineData[]) {
    this.machines = machines;
    this.#states = new Map(machines.flatMap(({ chart }) => chart.states.map((state) => [state.id, state] as const)));
    this.#transitions = new Map(
      machines.flatMap(({ chart }) => chart.transitions.map((transition) => [transition.id, transition] as const)),
    );
  }

  machine(name: string): MachineData | undefined {
    return this.machines.find(({ machine }) => machine === name);
  }

  state(id: string): ChartState | undefined {
    return this.#states.get(id);
  }

  transition(id: string): ChartTransition | undefined {
    return this.#transitions.get(id);
  }

  /** What an operator would call it: the outermost state that is one of several. `up` of an uplink that is up and steady. */
  mainState({ states }: ActorView): string {
    return this.#chosen(states)[0]?.name ?? '';
  }

  /** All of it, outer before inner: `up · steady · calm`. */
  stateText({ states }: ActorView): string {
    return this.#chosen(states)
      .map(({ name }) => name)
      .join(' · ');
  }

  /** What a step did as a person would say it: `verdict.failed → degraded.failing`; null when it led nowhere. */
  moveText({ transitions }: Step): string | null {
    const leading = transitions
      .flatMap((id) => this.#transitions.get(id) ?? [])
      .filter(({ targets }) => targets.length > 0);
    const [first, last] = [leading[0], leading.at(-1)];
    // It went from one to the next: what it came of is the first, where it ended the last.
    return first === undefined || last === undefined ? null : `${causeOf(first)} → ${this.#pathOf(last.targets[0])}`;
  }

  /** The states that it is in and that have none of it within: one for each region. */
  innermost({ states }: ActorView): ChartState[] {
    return this.#chosen(states).filter(({ id }) => !states.some((other) => other.startsWith(`${id}.`)));
  }

  #pathOf(id: string | undefined): string {
    const names: string[] = [];
    for (let state = this.#states.get(id ?? ''); state !== undefined; state = this.#states.get(state.parent ?? '')) {
      if (this.#chosen([state.id]).length > 0) names.unshift(state.name);
    }
    return names.join('.');
  }

  /** A state that is entered by itself with its parent is no choice: the root, and the regions of a parallel one. */
  #chosen(ids: readonly string[]): ChartState[] {
    return ids.flatMap((id) => {
      const state = this.#states.get(id);
      const parent = typeof state?.parent === 'string' ? this.#states.get(state.parent) : undefined;
      return state !== undefined && parent?.kind === 'compound' ? [state] : [];
    });
  }
}

/** The words of a transition's id that a person reads: its event or its delay. */
export function causeOf(transition: ChartTransition): string {
  if (transition.delay !== null) return `after ${transition.delay}`;
  return transition.event ?? 'at once';
}
