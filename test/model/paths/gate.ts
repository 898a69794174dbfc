/** What of a machine no path has covered, and the figures of what the paths have. */
import { chartOf, type Chart } from '../../../src/inspection/chart.ts';
import { guardOutcome, type Coverage } from './coverage.ts';
import type { Subject } from './world.ts';

/** One thing that has to be seen: a sentence that says so, and whether it was. */
interface Demand {
  readonly kind: 'states' | 'transitions' | 'guards' | 'delays';
  readonly demand: string;
  readonly isMet: boolean;
}

type Demanding = Pick<Subject, 'delayedEvents' | 'exceptions'>;

/** What is missing: demands that are neither met nor excepted, and exceptions that nothing needs. */
export function gapsIn(coverage: Coverage, { delayedEvents, exceptions = {} }: Demanding = {}): readonly string[] {
  const unmet = demandsOf(coverage, delayedEvents).flatMap(({ demand, isMet }) => (isMet ? [] : [demand]));
  return [
    ...unmet.filter((demand) => !(demand in exceptions)),
    ...Object.keys(exceptions)
      .filter((demand) => !unmet.includes(demand))
      .map((demand) => `the exception "${demand}" is not needed`),
  ];
}

function demandsOf(coverage: Coverage, delayedEvents: Subject['delayedEvents'] = {}): readonly Demand[] {
  const chart = chartOf(coverage.machine);
  return [
    ...chart.states.map(
      ({ id }): Demand => ({ kind: 'states', demand: `${id} is entered`, isMet: coverage.states.has(id) }),
    ),
    ...chart.transitions.map(
      ({ id }): Demand => ({ kind: 'transitions', demand: `${id} is taken`, isMet: coverage.transitions.has(id) }),
    ),
    ...guardDemands(chart, coverage),
    ...delayDemands(chart, coverage, delayedEvents),
  ];
}

/** Each guard has to hold and not to hold, for each event it is asked about. */
function guardDemands({ transitions }: Chart, { guards }: Coverage): readonly Demand[] {
  const outcomes = transitions.flatMap(({ guard, event }) =>
    guard === null ? [] : [true, false].map((holds) => guardOutcome(guard, event ?? 'its delay', holds)),
  );
  return [...new Set(outcomes)].map((outcome) => ({ kind: 'guards', demand: outcome, isMet: guards.has(outcome) }));
}

/** Each delay has to end and to be called off, in each state that waits for it. */
function delayDemands(
  { transitions }: Chart,
  { machine, fired, cancelled }: Coverage,
  delayedEvents: Readonly<Record<string, string>>,
): readonly Demand[] {
  const waited = transitions.flatMap(({ id, delay, source }) =>
    delay === null ? [] : [{ name: delay, where: `${delay} of ${source}`, event: id.split('|')[1] ?? '' }],
  );
  const sent = Object.keys(machine.implementations.delays)
    .filter((name) => waited.every((delay) => delay.name !== name))
    .map((name) => ({ name, where: name, event: delayedEvents[name] ?? '' }));
  return [...waited, ...sent].flatMap(({ where, event }): readonly Demand[] => [
    { kind: 'delays', demand: `${where} ends`, isMet: fired.has(event) },
    { kind: 'delays', demand: `${where} is called off`, isMet: cancelled.has(event) },
  ]);
}

const columns = ['states', 'transitions', 'guards', 'delays'] as const;

/** One line for each machine, with the exceptions and their reasons below. */
export function coverageTable(rows: readonly { readonly subject: Subject; readonly coverage: Coverage }[]): string {
  const lines = rows.map(({ subject, coverage }) => {
    const demands = demandsOf(coverage, subject.delayedEvents);
    const { situations, paths, steps } = coverage;
    return [
      subject.machine.id,
      ...columns.map((column) => {
        const asked = demands.filter(({ kind }) => kind === column);
        return `${asked.filter(({ isMet }) => isMet).length}/${asked.length}`;
      }),
      ...[situations, paths, steps].map(String),
    ];
  });
  const exceptions = rows.flatMap(({ subject }) =>
    Object.entries(subject.exceptions ?? {}).map(([demand, because]) => `not asked: ${demand} (${because})`),
  );
  const cells = [['machine', ...columns, 'situations', 'paths', 'steps'], ...lines];
  return [
    ...cells.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(12) : cell.padStart(13))).join('')),
    ...exceptions,
  ].join('\n');
}
