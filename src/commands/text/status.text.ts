import { describe } from '../../model/errors.ts';
import { families, type Family } from '../../model/family.ts';
import type { ActiveStatus, ChallengeStatus, InterfaceStatus, LifecycleState, Status } from '../../model/status.ts';
import { completed } from './older-status.ts';
import { printable, type Paint } from './printable.ts';
import { shortDuration } from './short-duration.ts';
import { sideRows } from './side-rows.ts';
import { table, type Cell } from './table.ts';

const familyNames = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

/** What `status` shows to people. `now` is the time that durations end at. */
export function renderStatus(told: Status, now: Date, paint: Paint): string {
  const status = completed(told);
  const parts = [
    [
      ...families.flatMap((family) => [
        activeLine(family, status.active[family], now, paint),
        ...challengeLine(status.challenges[family], paint),
      ]),
      ...(status.pinned === null ? [] : [`pinned  ${paint('strong', printable(status.pinned))}`]),
    ],
    [interfaceTable(status, paint)],
    sideTable(status, paint),
    passedOver(status),
    notes(status, paint),
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function activeLine(family: Family, active: ActiveStatus | null, now: Date, paint: Paint): string {
  const head = `${familyNames[family]}    `;
  if (active === null) return `${head}${paint('faint', 'no uplink')}`;
  const since = shortDuration(now.getTime() - Date.parse(active.since));
  const state = paint(tones[active.state], active.state);
  const reason = paint('faint', `${active.rule}: ${printable(active.because)}`);
  return `${head}${paint('strong', printable(active.iface))}  ${state}, score ${active.score}, for ${since}\n        ${reason}`;
}

function challengeLine(challenge: ChallengeStatus | null, paint: Paint): readonly string[] {
  if (challenge === null) return [];
  const { iface, dueInMs, roundsLeft, because } = challenge;
  const rounds = roundsLeft === 0 ? '' : `, ${roundsLeft} more ${roundsLeft === 1 ? 'round' : 'rounds'}`;
  return [
    `        ${printable(iface)} may follow in ${shortDuration(dueInMs)}${rounds}: ${paint('faint', printable(because))}`,
  ];
}

const tones = { up: 'good', degraded: 'warning', probing: 'warning', down: 'bad' } as const satisfies Record<
  LifecycleState,
  Parameters<Paint>[0]
>;

const columns: readonly (readonly [title: string, align?: 'right'])[] = [
  ['  INTERFACE'],
  ['TYPE'],
  ['STATE'],
  ['RANK', 'right'],
  ['IPv4'],
  ['IPv6'],
  ['SCORE', 'right'],
  ['RTT', 'right'],
  ['LOSS', 'right'],
  ['ADDRESS'],
];

function interfaceTable(status: Status, paint: Paint): string {
  if (status.interfaces.length === 0) return 'no interface is known';
  const header = columns.map(([text, align]): Cell => ({ text, tone: 'faint', align: align ?? 'left' }));
  return table([header, ...status.interfaces.map((each) => interfaceRow(each, status))], paint);
}

function interfaceRow(each: InterfaceStatus, status: Status): Cell[] {
  const isActive = families.some((family) => status.active[family]?.iface === each.name);
  // The figures of the family it is used for, else of the one that has any.
  const shown =
    families.find((family) => status.active[family]?.iface === each.name) ??
    families.find((family) => each.stats[family].totalProbes > 0) ??
    'ipv4';
  const stats = each.stats[shown];
  const hasProbes = stats.totalProbes > 0;
  return [
    { text: `${isActive ? '▸' : ' '} ${each.name}`, ...(isActive && { tone: 'strong' as const }) },
    { text: each.type },
    { text: stateText(each), tone: each.candidate ? tones[each.state] : 'faint' },
    { text: rankText(each.name, status), align: 'right' },
    verdictCell(each, 'ipv4'),
    verdictCell(each, 'ipv6'),
    { text: each.candidate ? String(each.score.total) : '-', align: 'right' },
    {
      text: stats.avgRttMs === null ? '-' : `${stats.avgRttMs.toFixed(stats.avgRttMs < 10 ? 1 : 0)} ms`,
      align: 'right',
    },
    { text: hasProbes ? `${Math.round(stats.packetLossPercent)} %` : '-', align: 'right' },
    { text: addressText(each) },
  ];
}

function stateText({ state, holdDown, damping }: InterfaceStatus): string {
  const pending = holdDown === null ? '' : ` → ${holdDown.to} in ${shortDuration(holdDown.remainingMs)}`;
  const { suppressed, reuseInMs } = damping;
  const held = suppressed ? ', suppressed' : '';
  const reuse = reuseInMs === null ? '' : ` for ${shortDuration(reuseInMs)}`;
  return `${state}${held}${reuse}${pending}`;
}

function sideTable(status: Status, paint: Paint): readonly string[] {
  const rows = sideRows(status);
  if (rows.length === 0) return [];
  return [
    table(
      rows.map(({ kind, name, state, tone, detail }) => [
        { text: kind, tone: 'faint' },
        { text: name },
        { text: state, tone },
        { text: detail },
      ]),
      paint,
    ),
  ];
}

function rankText(name: string, { ranking }: Status): string {
  const [first, second] = families.map((family) => ranking[family].indexOf(name) + 1);
  return `${first || '-'}/${second || '-'}`;
}

function verdictCell(each: InterfaceStatus, family: Family): Cell {
  if (!each.usable[family]) return { text: '-', tone: 'faint' };
  const verdict = each.verdict[family];
  const tone = { healthy: 'good', degraded: 'warning', failed: 'bad', unknown: 'faint' } as const;
  return { text: verdict, tone: tone[verdict] };
}

function addressText({ ipv4Addresses, ipv6Addresses }: InterfaceStatus): string {
  const [first, ...others] = [...ipv4Addresses, ...ipv6Addresses];
  if (first === undefined) return '-';
  return `${first.address}/${first.prefixLength}${others.length === 0 ? '' : ` +${others.length}`}`;
}

const passedOver = ({ interfaces }: Status): readonly string[] =>
  interfaces
    .filter(({ candidate }) => !candidate)
    .map(
      ({ name, notCandidateBecause }) =>
        `${printable(name)} is no candidate: ${printable(notCandidateBecause ?? 'no reason was given')}`,
    );

function notes({ blamedTargets, problems }: Status, paint: Paint): readonly string[] {
  const mark = paint('warning', '!');
  return [
    ...blamedTargets.map(
      ({ family, target, iface }) =>
        `${mark} ${printable(target)} (${familyNames[family]}) is at fault ${iface === null ? 'everywhere' : `through ${printable(iface)}`}, not the uplinks`,
    ),
    ...problems.map((problem) => `${mark} ${printable(describe(problem))}`),
  ];
}
