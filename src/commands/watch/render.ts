import { families, type Family } from '../../model/family.ts';
import { describe } from '../../model/errors.ts';
import type { ActiveStatus, Status } from '../../model/status.ts';
import { completed } from '../text/older-status.ts';
import { sideRows, type SideRow } from '../text/side-rows.ts';
import type { SeenSwitch, Traffic, WatchExtra } from './extra.ts';
import { count, cell, duration, fit, flow, paint, span, sparkline, spread, type Line, type Style } from './text.ts';
import { uplinkHeader, uplinkRows } from './uplink-rows.ts';

const familyName: Readonly<Record<Family, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' };
const blank: Line = [];

/**
 * Draws the live view: exactly `height` lines of at most `width` columns, joined by line feeds. What is less important
 * gives way when there is little room: details, older switches, problems. Without a status it says who is waited for.
 */
export function render(status: Status | null, extra: WatchExtra, width: number, height: number): string {
  const top = [titleLine(status, extra, width), blank];
  const footer = flow(
    extra.keys.map(({ key, label }) => [span(` ${key} `, 'key'), span(` ${label}`, 'dim')]),
    width,
  );
  const notice: readonly Line[] = extra.notice === undefined ? [] : [[span(` ${extra.notice}`, 'busy')]];
  const bottom = [...notice, ...footer];
  const room = Math.max(0, height - top.length - bottom.length);
  const body = status === null ? waiting(extra) : content(completed(status), extra, width, room);
  const padding = Array.from({ length: Math.max(0, room - body.length) }, () => blank);
  return [...top, ...body.slice(0, room), ...padding, ...bottom]
    .slice(0, height)
    .map((line) => paint(fit(line, width), extra.hasColour))
    .join('\n');
}

function titleLine(status: Status | null, extra: WatchExtra, width: number): Line {
  const [word, style] = connection(status, extra);
  return spread(
    [span(' backhauld', 'title'), span(`  ${extra.title}`, 'dim')],
    [span(`● ${word}`, style), span(`   ${clock(extra.now)} `, 'dim')],
    width,
  );
}

function connection(status: Status | null, extra: WatchExtra): readonly [string, Style] {
  if (!extra.isConnected) return [status === null ? 'no daemon' : 'daemon gone, the kernel goes on', 'bad'];
  if (status === null) return ['starting', 'busy'];
  return families.some((family) => status.active[family] !== null) ? ['online', 'good'] : ['no way out', 'bad'];
}

const waiting = (extra: WatchExtra): readonly Line[] => [
  [span(extra.isConnected ? ' Waiting for the first status …' : ' No daemon answers.', 'dim')],
];

/** Sections in the order they stand, each with what it gives up when room is short. */
function content(status: Status, extra: WatchExtra, width: number, room: number): readonly Line[] {
  const active = families.map((family) => activeLine(family, status.active[family]));
  const rows = status.interfaces.map((uplink, position) => uplinkRows(status, uplink, position + 1, extra, width));
  const traffic = extra.traffic === undefined ? [] : [blank, ...trafficLines(extra.traffic, width)];
  // Blamed targets are told of by themselves, in fewer words.
  const problems = status.problems
    .filter(({ code }) => code !== 'probe.targetBlamed')
    .map((problem): Line => [span(` ${describe(problem)}`, 'warn')]);
  const blamed = status.blamedTargets.map(
    ({ target, iface }): Line => [
      span(
        ` ${target} is blamed${iface === null ? '' : ` through ${iface}`}: it answers nobody, others answer`,
        'warn',
      ),
    ],
  );
  const troubles = blamed.length + problems.length > 0 ? [blank, ...blamed, ...problems] : [];

  const side = sideLines(status);
  const fixed = active.length + 2 + rows.length + traffic.length + side.length;
  const spare = room - fixed;
  const hasDetails = spare >= rows.length;
  const uplinks = hasDetails ? rows.flat() : rows.map(([first]) => first);
  const shownTroubles = troubles.slice(0, Math.max(0, spare - (hasDetails ? rows.length : 0) - 3));
  const left = spare - (hasDetails ? rows.length : 0) - shownTroubles.length;
  const lines = [...active, blank, uplinkHeader(width), ...uplinks, ...side, ...traffic];
  return [...lines, ...switchLines(extra.switches, width, left), ...shownTroubles];
}

function activeLine(family: Family, active: ActiveStatus | null): Line {
  const name = span(` ${familyName[family]}  `, 'dim');
  if (active === null) return [name, span('○ none', 'bad')];
  return [
    name,
    span('▸ ', 'good'),
    cell(active.iface, 10, 'strong'),
    span(cell(active.rule, 11, 'busy').text, 'busy'),
    span(active.because),
  ];
}

const sideStyles = { good: 'good', warning: 'warn', bad: 'bad', faint: 'dim' } as const satisfies Record<
  SideRow['tone'],
  Style
>;

function sideLines(status: Status): readonly Line[] {
  const lines = sideRows(status).map(
    ({ kind, name, state, tone, detail }): Line => [
      cell(`    ${kind}`, 13, 'dim'),
      span(' '),
      cell(name, 16),
      span(' '),
      // The longest that is usual; what is longer has its room.
      cell(state, Math.max(12, state.length), sideStyles[tone]),
      span(' '),
      span(detail, 'dim'),
    ],
  );
  return lines.length === 0 ? [] : [blank, ...lines];
}

function trafficLines(traffic: Traffic, width: number): readonly Line[] {
  const isSilent = traffic.silentMs > 20;
  const figures: Line = [
    span(` ${traffic.what}  `, 'dim'),
    span(
      isSilent ? `no answer for ${duration(traffic.silentMs)}` : `by ${traffic.uplink ?? '?'}`,
      isSilent ? 'bad' : 'good',
    ),
    span('  '),
    span(`${count(traffic.sent)} sent, `),
    span(`${count(traffic.lost)} lost`, traffic.lost > 0 ? 'warn' : 'good'),
    span(`, worst ${duration(traffic.worstMs)}`),
  ];
  const history = traffic.recentGapsMs.slice(-Math.max(0, width - 2));
  return [figures, [span(` ${sparkline(history, 1000)}`, isSilent ? 'bad' : 'good')]];
}

function switchLines(switches: readonly SeenSwitch[], width: number, room: number): readonly Line[] {
  if (room < 3) return [];
  const header: Line = [span('    switches', 'dim')];
  const none: Line = [span('    none yet', 'dim')];
  const shown = switches.slice(0, Math.min(room - 2, 12)).map((entry) => switchLine(entry, width));
  return [blank, header, ...(shown.length > 0 ? shown : [none])];
}

function switchLine({ at, family, from, to, rule, because, outageMs, lost }: SeenSwitch, width: number): Line {
  const cost = outageMs === undefined ? '' : `${duration(outageMs)}, ${count(lost ?? 0)} lost`;
  const costStyle: Style = (lost ?? 0) > 1 ? 'warn' : 'good';
  return [
    cell(` ${clock(at)}`, 10, 'dim'),
    cell(familyName[family], 5, 'dim'),
    cell(`${from ?? 'none'} → ${to ?? 'none'}`, 17, 'strong'),
    cell(rule, 10, 'busy'),
    ...(width >= 72 ? [cell(cost, 18, costStyle)] : []),
    span(because, 'dim'),
  ];
}

/** Local time of day: the person in front of the terminal compares it with a watch. */
const clock = (at: Date): string =>
  [at.getHours(), at.getMinutes(), at.getSeconds()].map((n) => String(n).padStart(2, '0')).join(':');
