/**
 * Whom the choice distrusts, and for how long (SEL-2).
 *
 * Traffic makes delay of its own: a link that answers in 50 ms while it is idle may take 800 ms as soon as it carries
 * everything. By its score alone it would be left, be the best again as soon as it is idle, and so on for ever. So an
 * uplink that was left because its own score fell while it carried the traffic has suffered a setback, and after several
 * it has to lead for longer before it is taken again; the uplink that filled in meanwhile is not to blame, and is taken as ever.
 */
import type { SelectionConfig } from '../../model/config.ts';
import { elapsed, hours, instant, later, milliseconds, type Instant, type Milliseconds } from '../../model/units.ts';

export interface Setback {
  readonly index: number;
  /** How often of late, as of `at`. At least 1. */
  readonly times: number;
  /** When it was left last. */
  readonly at: Instant;
}

/** From the second setback on a lead has to last longer by this factor each: with the defaults 10 s, 5 minutes, an hour. */
const growth = 30;

/** No lead has to last longer, and one setback is forgotten in as long. */
export const longestHold = hours(1);

/** How long a lead has to last of an uplink with so many setbacks. The first return is like any other. */
export const holdAfter = (times: number, { switchAfter }: SelectionConfig): Milliseconds =>
  milliseconds(Math.max(switchAfter, Math.min(longestHold, switchAfter * growth ** Math.max(0, times - 1))));

/** The setbacks of an uplink that still count. */
export function setbacksOf(index: number, setbacks: readonly Setback[], now: Instant): number {
  const known = setbacks.find((setback) => setback.index === index);
  return known === undefined ? 0 : Math.max(0, known.times - Math.floor(elapsed(known.at, now) / longestHold));
}

/** When a lead has lasted for long enough. It does not depend on the time: what will be forgotten meanwhile is known. */
export function heldAt(
  { index, since }: { readonly index: number; readonly since: Instant },
  setbacks: readonly Setback[],
  config: SelectionConfig,
): Instant {
  const known = setbacks.find((setback) => setback.index === index);
  if (known === undefined) return later(since, config.switchAfter);
  const { times, at } = known;
  const due = Array.from({ length: times }, (_, forgotten) =>
    Math.max(at + forgotten * longestHold, later(since, holdAfter(times - forgotten, config))),
  );
  return instant(Math.min(...due));
}

/** The uplink in use and the one that is taken in its place. */
export interface Handover {
  readonly left: { readonly index: number; readonly score: number };
  readonly taken: { readonly score: number };
  /** What the one that is left scored when it was taken; null where that was not known. */
  readonly promised: number | null;
}

/** The fall of its own score makes up more than half of the lead by which it is left. */
const isToBlame = ({ left, taken, promised }: Handover): boolean =>
  promised === null || 2 * (promised - left.score) > taken.score - left.score;

/** The setbacks after an uplink was left for another one's score. */
export function withHandover(
  setbacks: readonly Setback[],
  handover: Handover,
  now: Instant,
  config: SelectionConfig,
): readonly Setback[] {
  if (!isToBlame(handover)) return setbacks;
  const { index } = handover.left;
  const before = setbacksOf(index, setbacks, now);
  // More would make no lead last longer, and only take longer to be forgotten.
  const isLongest = before > 0 && holdAfter(before + 1, config) === holdAfter(before, config);
  const others = setbacks.filter((one) => one.index !== index);
  return [...others, { index, times: isLongest ? before : before + 1, at: now }];
}
