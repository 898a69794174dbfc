import { perFamily } from '../../model/family.ts';
import type { UplinkMemory } from '../../model/memory.ts';
import { instant, type Instant } from '../../model/units.ts';

/** The same memory on another clock, which shows so many milliseconds more. */
export function shifted({ lifecycle, damping, measured }: UplinkMemory, by: number): UplinkMemory {
  const shift = (at: Instant): Instant => instant(Math.round(at + by));
  return {
    lifecycle: lifecycle === null ? null : { ...lifecycle, since: shift(lifecycle.since) },
    damping: { ...damping, at: shift(damping.at) },
    measured: perFamily((family) => {
      const known = measured[family];
      if (known === null) return null;
      const rounds = known.rounds.map(({ id, startedAt, cause, samples }) => ({
        id,
        startedAt: shift(startedAt),
        cause,
        samples,
      }));
      return { ...known, rounds };
    }),
  };
}

/** What of a memory is of use still: what was measured long ago says nothing of now. Penalties decay by themselves. */
export function withoutWhatIsBefore({ lifecycle, damping, measured }: UplinkMemory, oldest: Instant): UplinkMemory {
  const recent = perFamily((family) => {
    const known = measured[family];
    return (known?.rounds.at(-1)?.startedAt ?? -Infinity) < oldest ? null : known;
  });
  const isAnyRecent = recent.ipv4 !== null || recent.ipv6 !== null;
  return { lifecycle: isAnyRecent ? lifecycle : null, damping, measured: recent };
}

/** Whether there is anything in it. */
export const isWorthless = ({ lifecycle, damping, measured }: UplinkMemory): boolean =>
  lifecycle === null && damping.merit < 1 && measured.ipv4 === null && measured.ipv6 === null;
