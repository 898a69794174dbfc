import * as v from 'valibot';

import { defaultConfig, fastTargets, type Config, type ProbeConfig } from '../../model/config.ts';
import { perFamily } from '../../model/family.ts';
import type { Target } from '../../model/probe.ts';
import { apiGroup, hotspotGroup, recorderGroup, relayQosGroup } from './hotspot-groups.ts';
import { keepaliveGroup, probeGroup, scoringGroup, stallGroup } from './probe-groups.ts';
import {
  batteryGroup,
  discoveryGroup,
  dnsGroup,
  failbackGroup,
  interfacesGroup,
  lifecycleGroup,
  routingGroup,
  selectionGroup,
} from './routing-groups.ts';
import { setting } from './setting.ts';
import { bluetoothPanGroup, uplinkGroup, usbTetherGroup } from './uplink-groups.ts';
import { group, oneOf } from './values.ts';

/** The one schema of the configuration file: what it accepts, what it means, and its defaults. */
export const configSchema = v.pipe(
  group({
    profile: setting(
      oneOf(['default', 'fast']),
      'default',
      'How eagerly links are watched. fast: the active uplink ten times a second, the others once; metered ones as ever.',
    ),
    discovery: v.optional(discoveryGroup, {}),
    interfaces: v.optional(interfacesGroup, {}),
    probe: v.optional(probeGroup, {}),
    stall: v.optional(stallGroup, {}),
    keepalive: v.optional(keepaliveGroup, {}),
    scoring: v.optional(scoringGroup, {}),
    selection: v.optional(selectionGroup, {}),
    lifecycle: v.optional(lifecycleGroup, {}),
    routing: v.optional(routingGroup, {}),
    failback: v.optional(failbackGroup, {}),
    dns: v.optional(dnsGroup, {}),
    hotspot: v.optional(hotspotGroup, {}),
    relayQos: v.optional(relayQosGroup, {}),
    usbTether: v.optional(usbTetherGroup, {}),
    bluetoothPan: v.optional(bluetoothPanGroup, {}),
    battery: v.optional(batteryGroup, {}),
    recorder: v.optional(recorderGroup, {}),
    api: v.optional(apiGroup, {}),
    uplink: v.optional(v.array(uplinkGroup, 'a list of [[uplink]] tables'), []),
  }),
  v.transform(
    ({ uplink, ...groups }): Config => ({
      ...groups,
      probe: groups.profile === 'fast' ? withFastTargets(groups.probe) : groups.probe,
      uplinks: uplink,
    }),
  ),
);

/** A family whose targets are the defaults gets those of the profile. */
const withFastTargets = (probe: ProbeConfig): ProbeConfig => ({
  ...probe,
  targets: perFamily((family) =>
    isDefault(probe.targets[family], defaultConfig.probe.targets[family]) ? fastTargets[family] : probe.targets[family],
  ),
});

const isDefault = (targets: readonly Target[], defaults: readonly Target[]): boolean =>
  targets.map(({ text }) => text).join(' ') === defaults.map(({ text }) => text).join(' ');

/** The configuration as a file (or a caller of the library) may give it: every group and setting may be left out. */
export type ConfigInput = KnownKeys<v.InferInput<typeof configSchema>>;

/** The schema lets unknown keys pass so as to name each of them; the compiler may refuse them outright. */
type KnownKeys<T> = T extends readonly (infer Each)[]
  ? readonly KnownKeys<Each>[]
  : T extends object
    ? { readonly [Key in keyof T as string extends Key ? never : Key]: KnownKeys<T[Key]> }
    : T;
