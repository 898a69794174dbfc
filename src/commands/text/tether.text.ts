import { describe } from '../../model/errors.ts';
import type { TetherState, TetherStatus } from '../../model/tether.ts';
import { printable, type Paint } from './printable.ts';

import { shortDuration } from './short-duration.ts';
import { table, type Cell } from './table.ts';

const tones = {
  detected: 'faint',
  initializing: 'warning',
  validating: 'warning',
  ready: 'good',
  failed: 'bad',
  released: 'faint',
} as const satisfies Record<TetherState, Parameters<Paint>[0]>;

/** What `tether list` shows to people. `now` is the time that durations end at. */
export function renderTethers(tethers: readonly TetherStatus[], now: Date, paint: Paint): string {
  if (tethers.length === 0) return 'no phone is plugged in, or connected by Bluetooth';
  const header = ['INTERFACE', 'DEVICE', 'DRIVER', 'STATE', 'SINCE', 'LEASE BY', ''].map(
    (text): Cell => ({ text, tone: 'faint' }),
  );
  const problems = tethers.flatMap(({ problem }) =>
    problem === null ? [] : [`${paint('warning', '!')} ${printable(describe(problem))}`],
  );
  const rows = table([header, ...tethers.map((tether) => tetherRow(tether, now))], paint);
  return problems.length === 0 ? rows : `${rows}\n\n${problems.join('\n')}`;
}

const tetherRow = (tether: TetherStatus, now: Date): readonly Cell[] => [
  { text: tether.iface },
  { text: tether.identity },
  { text: tether.driver ?? '-' },
  { text: stateText(tether), tone: tones[tether.state] },
  { text: shortDuration(now.getTime() - Date.parse(tether.since)), align: 'right' },
  { text: tether.managedBy ?? '-' },
  // Why it failed stands below, with what to do.
  { text: tether.state === 'failed' ? '' : tether.because, tone: 'faint' },
];

const stateText = ({ state, retryInMs }: TetherStatus): string =>
  retryInMs === null ? state : `${state}, again in ${shortDuration(retryInMs)}`;
