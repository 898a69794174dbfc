import type { Difference, SwitchDifference } from '../../inspection/compare.ts';
import { describe } from '../../model/errors.ts';
import type { NodeEmission } from '../../model/events.ts';
import type { Switch } from '../../model/status.ts';
import { elapsed, type Milliseconds } from '../../model/units.ts';
import type { PlayItem, PlaySummary } from '../replay/play.ts';
import { printable, type Paint } from './printable.ts';

/** One thing of a replay, for people. */
export function renderPlayItem(item: PlayItem, paint: Paint): string {
  const time = paint('faint', item.wallTime);
  if (item.type === 'run') {
    const { run, program, segment } = item.header;
    const how = item.mode === 'exact' ? 'every timer fires where it fired' : 'timers fire when they are due';
    return paint('strong', `run ${printable(run)} of backhauld ${printable(program)}, from segment ${segment}: ${how}`);
  }
  if (item.type === 'difference') return `${time}  ${renderDifference(item.difference, paint)}`;
  if (item.type === 'switchDifference') return `${time}  ${renderSwitchDifference(item.difference, paint)}`;
  if (item.type === 'recordingProblem') return paint('warning', printable(describe(item.problem)));
  return `${time}  ${renderEmission(item, paint)}`;
}

function renderEmission(told: NodeEmission, paint: Paint): string {
  if (told.type === 'switch') return renderSwitch(told.switch, paint);
  if (told.type === 'state') return `${printable(told.name)}  ${told.from ?? 'new'} → ${told.to ?? 'gone'}`;
  if (told.type === 'hotspot') return `hotspot  ${told.from} → ${told.to}  ${printable(told.because)}`;
  if (told.type === 'tether') {
    return `${printable(told.name)}  tether  ${told.from ?? 'new'} → ${told.to}  ${printable(told.because)}`;
  }
  if (told.type === 'budget') return `${printable(told.name)}  budget  ${told.level}`;
  const problem = printable(describe(told.problem));
  return told.type === 'problem' ? paint('warning', problem) : `solved: ${problem}`;
}

const familyNames = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

function renderSwitch({ family, from, to, rule, because }: Switch, paint: Paint): string {
  const move = `${familyNames[family]}  ${printable(from ?? 'nothing')} → ${printable(to ?? 'nothing')}`;
  return `${paint('strong', move)}  ${rule}: ${printable(because)}`;
}

function renderDifference({ after, expected, found }: Difference, paint: Paint): string {
  const place = after === null ? 'before anything entered' : `after entry ${after.number}, ${nameOf(after.input)}`;
  return [
    paint('bad', `the first difference, ${place}`),
    `    recorded  ${expected === null ? 'nothing' : sayingOf(expected)}`,
    `    replayed  ${found === null ? 'nothing' : sayingOf(found)}`,
  ].join('\n');
}

type Said = NonNullable<Difference['expected']>;

const nameOf = (input: NonNullable<Difference['after']>['input']): string =>
  input.type === 'timer' ? `timer ${input.timer}` : input.event.type;

function sayingOf(said: Said): string {
  if (said.type === 'told') return renderEmission(said.emission, (_, text) => text);
  if (said.type === 'wanted') return `another network is wanted (${printable(said.digest)})`;
  return `${nameOf(said)} fires`;
}

function renderSwitchDifference(difference: SwitchDifference, paint: Paint): string {
  if (difference.type !== 'other') {
    const side = difference.type === 'recordedOnly' ? 'only recorded' : 'only replayed';
    return `${paint('warning', side)}  ${renderSwitch(difference.switch, paint)}`;
  }
  const { recorded, replayed } = difference;
  const shift = elapsed(recorded.at, replayed.at);
  const when =
    Math.abs(shift) < 1000
      ? 'by another rule'
      : `${renderSpan(Math.abs(shift) as Milliseconds)} ${shift < 0 ? 'earlier' : 'later'}`;
  return `${paint('warning', when)}  ${renderSwitch(replayed.switch, paint)}`;
}

/** What a replay came to, for people. */
export function renderPlaySummary(summary: PlaySummary, paint: Paint): string {
  const { segments, events, timers, switches, span, took, isAlike, alikeSwitches } = summary;
  const lines = [
    `${renderSpan(span)} in ${counted(segments, 'segment')}: ${counted(events, 'event')}, ${counted(timers, 'timer')}, ${counted(switches, 'switch', 'switches')}`,
    `replayed in ${renderSpan(took)}: ${Math.round(span / Math.max(1, took))
      .toLocaleString('en')
      .replaceAll(',', ' ')} × real time`,
  ];
  if (isAlike === true)
    lines.push(paint('good', `no difference: ${counted(alikeSwitches ?? 0, 'switch', 'switches')} as recorded`));
  if (isAlike === false)
    lines.push(paint('bad', `it differs: ${counted(alikeSwitches ?? 0, 'switch', 'switches')} as recorded`));
  return lines.join('\n');
}

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** A duration in its two largest units: `6 d 23 h`, `1 min 5 s`, `12.3 s`. */
export function renderSpan(span: Milliseconds): string {
  const whole = Math.floor(span / 1000);
  if (whole < 60) return `${(span / 1000).toFixed(1)} s`;
  const [minutes, hours, days] = [Math.floor(whole / 60), Math.floor(whole / 3600), Math.floor(whole / 86_400)];
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${days} d ${hours % 24} h`;
}
