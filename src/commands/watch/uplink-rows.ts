import type { Family } from '../../model/family.ts';
import type { Verdict } from '../../model/probe.ts';
import type { InterfaceStatus, LifecycleState, Status } from '../../model/status.ts';
import type { WatchExtra } from './extra.ts';
import { bar, cell, duration, span, type Line, type Span, type Style } from './text.ts';

const stateStyles: Readonly<Record<LifecycleState, Style>> = {
  up: 'good',
  degraded: 'warn',
  probing: 'busy',
  down: 'bad',
};
const verdictStyles: Readonly<Record<Verdict, Style>> = {
  healthy: 'good',
  degraded: 'warn',
  failed: 'bad',
  unknown: 'dim',
};

/** From this width on the parts of the score have columns of their own. */
const wide = 100;

export function uplinkHeader(width: number): Line {
  const parts = width >= wide ? [cell('latency', 9, 'dim', 'right'), cell('loss', 6, 'dim', 'right')] : [];
  const more = width >= wide ? [cell('success', 9, 'dim', 'right'), cell('bias', 6, 'dim', 'right')] : [];
  return [
    cell('    uplink', 15, 'dim'),
    cell('state', 11, 'dim'),
    cell('IPv4', 10, 'dim'),
    cell('IPv6', 10, 'dim'),
    cell('score', 6, 'dim', 'right'),
    ...parts,
    ...more,
    cell('RTT', 10, 'dim', 'right'),
    cell('loss', 8, 'dim', 'right'),
  ];
}

/** Two lines for each uplink: its figures, and what there is to know about it now. */
export function uplinkRows(
  status: Status,
  uplink: InterfaceStatus,
  number: number,
  extra: WatchExtra,
  width: number,
): readonly [Line, Line] {
  const isActive = status.active.ipv4?.iface === uplink.name || status.active.ipv6?.iface === uplink.name;
  const isSelected = extra.selected === uplink.name;
  const family: Family = uplink.stats.ipv4.totalProbes > 0 || !uplink.usable.ipv6 ? 'ipv4' : 'ipv6';
  const stats = uplink.stats[family];
  const part = (value: number, columns: number) => cell(String(value), columns, 'dim', 'right');
  const { score } = uplink;
  return [
    [
      span(' '),
      span(String(number), isSelected ? 'key' : 'dim'),
      span(isActive ? ' ▸ ' : '   ', 'good'),
      cell(uplink.name, 10, isActive ? 'strong' : 'plain'),
      cell(`${stateMark(uplink.state)} ${uplink.state}`, 11, stateStyles[uplink.state]),
      verdictCell(uplink, 'ipv4'),
      verdictCell(uplink, 'ipv6'),
      cell(String(score.total), 6, isActive ? 'strong' : 'plain', 'right'),
      ...(width >= wide
        ? [part(score.latency, 9), part(score.loss, 6), part(score.success, 9), part(score.bias, 6)]
        : []),
      cell(stats.avgRttMs === null ? '–' : duration(stats.avgRttMs), 10, 'plain', 'right'),
      cell(
        stats.totalProbes === 0 ? '–' : `${Math.round(stats.packetLossPercent)} %`,
        8,
        stats.packetLossPercent > 0 ? 'warn' : 'plain',
        'right',
      ),
    ],
    [span('     '), ...detail(status, uplink, extra, width)],
  ];
}

const stateMark = (state: LifecycleState): string => ({ up: '●', degraded: '◐', probing: '◌', down: '○' })[state];

function verdictCell(uplink: InterfaceStatus, family: Family): Span {
  const verdict = uplink.verdict[family];
  if (!uplink.usable[family] && verdict === 'unknown') return cell('–', 10, 'dim');
  return cell(verdict, 10, verdictStyles[verdict]);
}

function detail(status: Status, uplink: InterfaceStatus, extra: WatchExtra, width: number): Line {
  const parts: Line[] = [[span(uplink.type, 'dim')]];
  const fault = extra.faults?.get(uplink.name);
  if (fault !== undefined) parts.push([span(fault, 'bad')]);
  if (status.pinned === uplink.name) parts.push([span('pinned', 'busy')]);
  if (uplink.candidate) {
    const [address] = [...uplink.ipv4Addresses, ...uplink.ipv6Addresses];
    if (address !== undefined) parts.push([span(address.address, 'dim')]);
  } else {
    parts.push([span(uplink.notCandidateBecause ?? 'no candidate', 'warn')]);
  }
  if (uplink.holdDown !== null) {
    const { to, remainingMs } = uplink.holdDown;
    // A minute is the longest hold-down there is by default.
    const columns = width >= wide ? 20 : 8;
    parts.push([
      span(`${to} in ${(remainingMs / 1000).toFixed(1).padStart(4)} s `, stateStyles[to]),
      span(bar(remainingMs / 60_000, columns), stateStyles[to]),
    ]);
  }
  const { merit, suppressed, reuseInMs } = uplink.damping;
  if (suppressed) {
    parts.push([span(`suppressed${reuseInMs === null ? '' : ` for ${duration(reuseInMs)}`}`, 'warn')]);
  } else if (merit >= 1) {
    parts.push([span(`flap penalty ${Math.round(merit)}`, 'dim')]);
  }
  if (width < wide && uplink.candidate && uplink.holdDown === null && fault === undefined) {
    const { latency, loss, success, bias } = uplink.score;
    parts.push([span(`score ${latency} + ${loss} + ${success} + ${bias}`, 'dim')]);
  }
  return parts.reduce((line, part) => line.concat(span(' · ', 'dim'), part));
}
