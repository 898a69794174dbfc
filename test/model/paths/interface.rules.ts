/** What must hold of an interface whatever happens to it. */
import { isDeepStrictEqual } from 'node:util';
import type { SnapshotFrom } from 'xstate';
import { isPresent } from '../../../src/machines/interface/candidacy.decisions.ts';
import { meritAt } from '../../../src/machines/interface/damping.decisions.ts';
import { lifecycleVerdict } from '../../../src/machines/interface/interface.decisions.ts';
import type { interfaceMachine } from '../../../src/machines/interface/interface.machine.ts';
import type { LifecycleConfig } from '../../../src/model/config.ts';
import { families, type Family } from '../../../src/model/family.ts';
import type { Verdict } from '../../../src/model/probe.ts';
import type { LifecycleState } from '../../../src/model/status.ts';
import type { Instant } from '../../../src/model/units.ts';
import { hastyConfig } from '../../unit/machines/examples.ts';
import { broken } from './rules.ts';
import type { Sight } from './world.ts';

type Snapshot = SnapshotFrom<typeof interfaceMachine>;

const { damping } = hastyConfig.selection;

/** What is waited for, by what the lifecycle says and what the probes say (LIFE-1); a state not named waits for nothing. */
const waits: Readonly<
  Record<string, readonly [verdict: readonly Verdict[], to: LifecycleState, hold: keyof LifecycleConfig]>
> = {
  'probing.rising': [['healthy'], 'up', 'probingToUp'],
  'probing.declining': [['degraded'], 'degraded', 'minStateDuration'],
  'probing.failing': [['failed'], 'down', 'minStateDuration'],
  'up.declining': [['degraded'], 'degraded', 'upToDegraded'],
  'up.failing': [['failed'], 'degraded', 'minStateDuration'],
  'degraded.recovering': [['healthy'], 'up', 'minStateDuration'],
  'degraded.failing': [['failed'], 'down', 'degradedToDown'],
  'down.reviving': [['healthy', 'degraded'], 'probing', 'downToProbing'],
};
/** What the probes may say where nothing is waited for. */
const content: Readonly<Record<LifecycleState, readonly Verdict[]>> = {
  probing: ['unknown'],
  up: ['unknown', 'healthy'],
  degraded: ['unknown', 'degraded'],
  down: ['unknown', 'failed'],
};

export function violations({ snapshot, before, now, timers, told }: Sight<Snapshot>): readonly string[] {
  const { context, value } = snapshot;
  const { pending, isSuppressed } = context;
  const [state, waitsFor] = Object.entries(value.lifecycle).flat();
  const verdict = lifecycleVerdict(context);
  const wait = waits[`${state}.${waitsFor}`];
  const merit = meritAt(context.damping, now, damping);
  const timerOf = (region: string) => timers.find(({ event }) => event.includes(`.interface.${region}`));
  const view = told.flatMap((message) => (isUpdate(message) ? [message.view] : [])).at(-1);
  const shouldBeDueAt = wait && pending && dueAt(context, pending.since, wait[2]);
  return broken({
    'the lifecycle is the state of the chart': state === context.lifecycle,
    'a state that waits for nothing is content': wait !== undefined || content[context.lifecycle].includes(verdict),
    'a state waits for what the verdict points to': wait === undefined || wait[0].includes(verdict),
    'something is pending exactly while a state waits': (pending !== null) === (waitsFor !== 'steady'),
    'what is pending is where the state leads': wait === undefined || pending?.to === wait[1],
    'what is pending is due after its hold-down': wait === undefined || pending?.dueAt === shouldBeDueAt,
    'what is pending goes on until something contrary comes': goesOn(before, snapshot),
    'what is pending has a timer': (pending?.dueAt ?? null) === (timerOf('lifecycle')?.dueAt ?? null),
    'nothing is overdue': timers.every((timer) => timer.dueAt >= now),
    'an interface that is not present is down': isPresent(context.facts) || state === 'down',
    'only a suppressed interface is held back': isSuppressed === (value.damping === 'suppressed'),
    'a suppressed interface waits for its reuse': isSuppressed === (timerOf('damping') !== undefined),
    'a suppressed interface has too high a penalty': !isSuppressed || merit >= damping.reuseBelow,
    'a calm interface has no such penalty': isSuppressed || merit <= damping.suppressAbove,
    'without a way there is no verdict': families.every((family) => hasNoVerdictWithoutWay(context, family)),
    'the parent knows the latest': view === context.view && view?.lifecycle === state,
    'what is withheld is no candidate': context.withheld === null || !context.candidacy.isCandidate,
    'what has used up a budget that blocks is no candidate, and has no way':
      !isUsedUp(context) ||
      (!context.candidacy.isCandidate && families.every((family) => context.pathIds[family] === null)),
    'the parent knows who is held back, and who has a way': families.every((family) => {
      const contender = view?.contenders[family];
      const hasWay = context.pathIds[family] !== null;
      return (
        contender?.isSuppressed === isSuppressed && contender.isUsable === (hasWay && context.candidacy.isCandidate)
      );
    }),
  });
}

/** The later of the hold-down's end and the end of the shortest stay, which is a hold-down from the entry on (LIFE-2). */
function dueAt(
  { config: { lifecycle }, since }: Snapshot['context'],
  from: Instant,
  hold: keyof LifecycleConfig,
): number {
  const stay = since + lifecycle.minStateDuration;
  return hold === 'minStateDuration' ? stay : Math.max(from + lifecycle[hold], stay);
}

/** In the same stay of a state, what is waited for and goes on being waited for is due when it was. */
function goesOn(before: Snapshot | null, { value, context }: Snapshot): boolean {
  if (before === null || before.context.since !== context.since || context.pending === null) return true;
  return (
    !isDeepStrictEqual(before.value.lifecycle, value.lifecycle) ||
    isDeepStrictEqual(before.context.pending, context.pending)
  );
}

const isUsedUp = ({ budget, classification: { policy } }: Snapshot['context']): boolean =>
  policy.kind === 'metered' && policy.atLimit === 'block' && budget === 'exhausted';

const hasNoVerdictWithoutWay = ({ pathIds, health }: Snapshot['context'], family: Family): boolean =>
  pathIds[family] !== null || (health[family].verdict === 'unknown' && health[family].rounds.length === 0);

const isUpdate = (message: unknown): message is { readonly view: Snapshot['context']['view'] } =>
  typeof message === 'object' && message !== null && 'type' in message && message.type === 'interface.updated';
