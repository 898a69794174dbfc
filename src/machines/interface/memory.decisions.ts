/**
 * What of an interface's actor outlives the process, and how the actor of the next run goes on from it.
 *
 * Facts go from run to run, never states: the rounds that were measured are judged anew, the penalty decays on. They
 * count only for an actor that knows nothing better itself, and rounds only where they left by the path that is there now.
 */
import { families, perFamily, type Family } from '../../model/family.ts';
import type { Measured, UplinkMemory } from '../../model/memory.ts';
import type { UplinkPath } from '../../model/network.ts';
import type { Round } from '../../model/probe.ts';
import { earlier, type Instant, type Milliseconds } from '../../model/units.ts';
import { isPresent } from './candidacy.decisions.ts';
import { isTooHigh, timeUntilReuse } from './damping.decisions.ts';
import { clear, countedRounds, goOnFrom } from './health.decisions.ts';
import type { Consequence, InterfaceContext } from './interface.context.ts';
import { pathIdsOf, verdictEvent } from './interface.decisions.ts';

/** What is to be remembered of an interface. */
export const memoryOf = (context: InterfaceContext): UplinkMemory => ({
  lifecycle: { state: context.lifecycle, since: context.since },
  damping: { ...context.damping, isSuppressed: context.isSuppressed },
  measured: perFamily((family) => measuredIn(context, family)),
});

function measuredIn({ candidacy, health, config }: InterfaceContext, family: Family): Measured | null {
  const path = candidacy.paths[family];
  const rounds = countedRounds(health[family]).slice(-config.probe.window);
  if (path === null || rounds.length === 0) return null;
  return { ...wayOf(path), verdict: health[family].verdict, rounds };
}

const wayOf = ({ addresses, gateway }: UplinkPath): Pick<Measured, 'source' | 'gateway'> => ({
  source: addresses[0]?.address ?? '',
  gateway,
});

/** The context with what is remembered taken in; the same object when the actor has facts of its own already. */
export function recall(context: InterfaceContext, memory: UplinkMemory, at: Instant): InterfaceContext {
  if (context.damping.merit > 0 || families.some((family) => context.health[family].rounds.length > 0)) return context;
  const { merit, at: noted } = memory.damping;
  return {
    ...context,
    now: at,
    // A limit that was lowered meanwhile holds.
    damping: { merit: Math.min(merit, context.config.selection.damping.ceiling), at: noted },
    health: perFamily((family) => {
      const rounds = roundsFor(context, memory, family);
      return rounds.length === 0
        ? context.health[family]
        : goOnFrom(context.health[family], rounds, context.config.probe);
    }),
  };
}

/** The remembered rounds that hold for the path there is now, numbered to come before all of this run. */
function roundsFor(
  { candidacy, config }: InterfaceContext,
  { measured }: UplinkMemory,
  family: Family,
): readonly Round[] {
  const path = candidacy.paths[family];
  const known = measured[family];
  if (path === null || known === null) return [];
  const { source, gateway } = wayOf(path);
  if (known.source !== source || known.gateway !== gateway) return [];
  const targets = config.probe.targets[family].map(({ text }) => text);
  const rounds = known.rounds.flatMap(({ startedAt, cause, samples: all }) => {
    const samples = all.filter(({ target }) => targets.includes(target));
    return samples.length === 0 ? [] : [{ startedAt, cause, samples }];
  });
  return rounds.map(({ startedAt, cause, samples }, i) => ({ id: i - rounds.length, startedAt, cause, samples }));
}

/** What a memory that was taken in means, in the words of the statechart. */
export function consequencesOfMemory(context: InterfaceContext, memory: UplinkMemory): readonly Consequence[] {
  const { damping: limits } = context.config.selection;
  const { damping, now } = context;
  const isHeldBack =
    isTooHigh(damping, now, limits) || (memory.damping.isSuppressed && timeUntilReuse(damping, now, limits) > 0);
  const isKnown = isPresent(context.facts) && families.some((family) => context.health[family].rounds.length > 0);
  const { lifecycle } = memory;
  return [
    ...(isHeldBack ? [{ type: 'memory.suppressed' } as const] : []),
    ...(isKnown && lifecycle !== null && lifecycle.state !== 'probing'
      ? [{ type: `memory.${lifecycle.state}`, since: lifecycle.since } as const]
      : []),
    verdictEvent(context),
  ];
}

/**
 * The context after the machine was asleep: penalties decayed meanwhile, and what was measured before says nothing any
 * more. Each way out is a new path, so that it is probed at once and what is still under way is not waited for.
 */
export function awake(context: InterfaceContext, slept: Milliseconds, at: Instant): InterfaceContext {
  const generations = perFamily((family) => context.generations[family] + Number(context.pathIds[family] !== null));
  return {
    ...context,
    now: at,
    damping: { ...context.damping, at: earlier(context.damping.at, slept) },
    generations,
    pathIds: pathIdsOf(context.birth, context.candidacy, generations),
    health: perFamily((family) => clear(context.health[family])),
  };
}
