/** What stands beside the uplinks in `status` and in the live view: the hotspot, tethers, modems, budgets, the battery. */
import type { HotspotState, HotspotStatus } from '../../model/hotspot.ts';
import type { ModemState, ModemStatus } from '../../model/modem.ts';
import type { Status } from '../../model/status.ts';
import type { TetherState, TetherStatus } from '../../model/tether.ts';
import { formatBytes } from '../../model/units.ts';
import type { BudgetLevel, BudgetStatus } from '../../model/usage.ts';
import { dataSizeText } from './data-size.ts';
import { shortDuration } from './short-duration.ts';

export interface SideRow {
  /** What it is: `hotspot`, `tether`, `modem`, `budget`. */
  readonly kind: string;
  /** Which one: its network's name, its interface, its device. */
  readonly name: string;
  readonly state: string;
  readonly tone: 'good' | 'warning' | 'bad' | 'faint';
  /** One sentence or a few figures. */
  readonly detail: string;
}

/** In the order in which they are shown. Where there is nothing to tell there is no row. */
export const sideRows = ({ hotspot, tethers, interfaces, budgets, onBattery }: Status): readonly SideRow[] => [
  ...(hotspot === null ? [] : [hotspotRow(hotspot)]),
  ...tethers.map(tetherRow),
  ...interfaces.flatMap(({ name, modem }) => (modem === null ? [] : [modemRow(name, modem)])),
  ...budgets.map(budgetRow),
  ...(onBattery === true ? [batteryRow] : []),
];

export const hotspotTones = {
  inactive: 'faint',
  starting: 'warning',
  active: 'good',
  stopping: 'warning',
  error: 'bad',
} as const satisfies Record<HotspotState, SideRow['tone']>;

export const dueWords = {
  open: 'opens',
  close: 'closes',
  search: 'looks for its own network',
  retry: 'tries again',
} as const satisfies Record<NonNullable<HotspotStatus['due']>['what'], string>;

function hotspotRow({ ssid, state, mode, because, placement, clients, maxClients, due }: HotspotStatus): SideRow {
  const parts = [
    ...(state === 'active' ? [`${clients} of ${maxClients} clients`] : []),
    ...(placement === 'bridge' ? ['a bridge in the place of a radio'] : []),
    ...(due === null ? [] : [`${dueWords[due.what]} in ${shortDuration(due.inMs)}`]),
    because,
  ];
  return {
    kind: 'hotspot',
    name: ssid,
    state: mode === 'auto' ? state : `${state}, ${mode} by command`,
    tone: hotspotTones[state],
    detail: parts.join(' · '),
  };
}

const tetherTones = {
  detected: 'warning',
  initializing: 'warning',
  validating: 'warning',
  ready: 'good',
  failed: 'bad',
  released: 'faint',
} as const satisfies Record<TetherState, SideRow['tone']>;

const tetherRow = ({ iface, state, because, identity, retryInMs }: TetherStatus): SideRow => ({
  kind: 'tether',
  name: iface,
  state,
  tone: tetherTones[state],
  detail: [
    ...(retryInMs === null ? [] : [`tries again in ${shortDuration(retryInMs)}`]),
    ...(because === '' ? [] : [because]),
    identity,
  ].join(' · '),
});

const modemTones: Readonly<Partial<Record<ModemState, SideRow['tone']>>> = {
  connected: 'good',
  failed: 'bad',
  locked: 'bad',
  unknown: 'faint',
  disabled: 'faint',
};

const modemRow = (name: string, { state, accessTechnology, signalPercent }: ModemStatus): SideRow => ({
  kind: 'modem',
  name,
  state,
  tone: modemTones[state] ?? 'warning',
  detail: [
    ...(accessTechnology === null ? [] : [accessTechnology]),
    signalPercent === null ? 'its signal is not known' : `signal ${signalPercent} %`,
  ].join(' · '),
});

const budgetTones = { below: 'good', at75: 'warning', at90: 'warning', exhausted: 'bad' } as const satisfies Record<
  BudgetLevel,
  SideRow['tone']
>;

const budgetRow = ({ identity, iface, usedBytes, budgetBytes, usedPercent, level }: BudgetStatus): SideRow => ({
  kind: 'budget',
  name: iface ?? 'unplugged',
  state: `${Math.round(usedPercent)} %`,
  tone: iface === null ? 'faint' : budgetTones[level],
  detail: `${dataSizeText(usedBytes)} of ${formatBytes(budgetBytes)} · ${identity}`,
});

const batteryRow: SideRow = {
  kind: 'battery',
  name: '',
  state: 'in use',
  tone: 'warning',
  detail: 'probes are rarer',
};
