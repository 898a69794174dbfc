import type { NodeEmission } from '../../../../src/model/events.ts';
import type { ActorView, TraceItem } from '../../../../src/model/trace.ts';

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** `12:04:31.250`, in the time zone of the person who looks. */
export function timeText(time: number): string {
  if (Number.isNaN(time)) return '–';
  return `${clock.format(time)}.${String(Math.floor(time) % 1000).padStart(3, '0')}`;
}

/** `22 Nov 12:04:31`. */
export const dateText = (time: number): string => `${day.format(time)} ${clock.format(time)}`;

/** A length of time as one reads it off a gauge: `0.4 s`, `12 s`, `3:05`, `2:10:00`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

const familyNames = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

/** A sentence for what the machines told the world. */
export function emissionText(emission: NodeEmission): string {
  if (emission.type === 'switch') {
    const { family, from, to } = emission.switch;
    return `${familyNames[family]}: ${from ?? 'nothing'} → ${to ?? 'nothing'}`;
  }
  if (emission.type === 'state') {
    const { name, from, to } = emission;
    if (to === null) return `${name} is gone`;
    return from === null ? `${name} is new, ${to}` : `${name}: ${from} → ${to}`;
  }
  if (emission.type === 'hotspot') return `hotspot: ${emission.from} → ${emission.to}`;
  if (emission.type === 'tether') {
    const { name, from, to } = emission;
    return from === null ? `tether ${name} is new, ${to}` : `tether ${name}: ${from} → ${to}`;
  }
  if (emission.type === 'budget') return `budget of ${emission.name}: ${emission.level}`;
  return `${emission.type === 'problem' ? 'problem' : 'solved'}: ${emission.problem.message}`;
}

/** The reason that goes with it; empty when there is none. */
export function reasonText(emission: NodeEmission): string {
  if (emission.type === 'switch') return `${emission.switch.because} (by ${emission.switch.rule})`;
  return emission.type === 'hotspot' || emission.type === 'tether' ? emission.because : '';
}

/** All that is searched in an item, in small letters. */
export function searchText(item: TraceItem): string {
  if (item.type === 'actors') return '';
  if (item.type === 'told') return `${emissionText(item.emission)} ${reasonText(item.emission)}`.toLowerCase();
  if (item.type === 'actor.started') return `${item.actor.id} ${item.actor.label} started`.toLowerCase();
  if (item.type === 'actor.ended') return `${item.id} ended`.toLowerCase();
  const { event, detail, from, guards, transitions, actor } = item.step;
  return [actor, item.actor.label, event, detail, from, ...guards, ...transitions].join(' ').toLowerCase();
}

/** Choices first, then what is chosen from, then what keeps them. */
const places: Readonly<Record<string, number>> = { selection: 0, interface: 1, node: 2 };

export function inOrder(actors: Iterable<ActorView>): ActorView[] {
  const byPlace = (actor: ActorView): number => places[actor.machine] ?? 3;
  return [...actors].toSorted(
    (left, right) => byPlace(left) - byPlace(right) || left.id.localeCompare(right.id, 'en', { numeric: true }),
  );
}
