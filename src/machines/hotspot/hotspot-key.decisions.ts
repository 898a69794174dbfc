/** Which key clients are given, and for how long. The machines know the numbers of keys only. */
import { earlier, elapsed, later, type Instant, type Milliseconds } from '../../model/units.ts';
import { asDelay } from '../delay.decisions.ts';
import type { HotspotContext, HotspotMemory } from './hotspot.context.ts';

/** The key that the run before gave to clients: the one before it may still work. */
export function remembered(
  { config }: HotspotContext,
  key: number,
  rotatedAt: Instant,
  now: Instant,
): Pick<HotspotMemory, 'key' | 'rotatedAt' | 'previousKey' | 'previousEndsAt'> {
  const endsAt = later(rotatedAt, config.security.pskRotation.overlap);
  const stillWorks = key > 1 && endsAt > now;
  return { key, rotatedAt, previousKey: stillWorks ? key - 1 : null, previousEndsAt: stillWorks ? endsAt : null };
}

/** Keys grow old while the machine is asleep, though its clock stands still. */
export const withoutSleep = (
  { rotatedAt, previousEndsAt }: HotspotMemory,
  slept: Milliseconds,
): Pick<HotspotMemory, 'rotatedAt' | 'previousEndsAt'> => ({
  rotatedAt: earlier(rotatedAt, slept),
  previousEndsAt: previousEndsAt === null ? null : earlier(previousEndsAt, slept),
});

/** The timer of the rotation may have ended early, as none can wait for months. */
export const isRotationDue = (context: HotspotContext): boolean =>
  context.config.security.pskRotation.enabled && context.rotationTimerAt >= rotationDueAt(context);

/** When the key has been in use for long enough. */
export const rotationDueAt = ({ config, rotatedAt }: Pick<HotspotContext, 'config' | 'rotatedAt'>): Instant =>
  later(rotatedAt, config.security.pskRotation.interval);

/** How long until the key is changed; as long as a timer can wait where it is not. */
export const untilRotation = (context: HotspotContext): Milliseconds =>
  asDelay(context.config.security.pskRotation.enabled ? elapsed(context.now, rotationDueAt(context)) : Number.NaN);

/** A new key; the one before it still works for a while. */
export const rotated = ({ key, now, config }: HotspotContext): Partial<HotspotContext> => ({
  key: key + 1,
  rotatedAt: now,
  previousKey: key,
  previousEndsAt: later(now, config.security.pskRotation.overlap),
});
