import * as v from 'valibot';

import { defaultConfig } from '../../model/config.ts';
import { hours, milliseconds, seconds } from '../../model/units.ts';
import { durationSetting, setting } from './setting.ts';
import { flag, group, integer, interfaceGlob, number, oneOf } from './values.ts';

const { discovery, selection, lifecycle, routing, failback, dns } = defaultConfig;

export const discoveryGroup = group({
  resyncInterval: durationSetting(
    seconds(1),
    hours(1),
    discovery.resyncInterval,
    'How often the kernel is read anew and compared.',
  ),
  driver: setting(
    oneOf(['auto', 'ffi', 'command']),
    discovery.driver,
    'How the kernel is spoken to: by netlink, or by the ip command.',
  ),
});

const globs = v.array(interfaceGlob(), 'a list of patterns of interface names');

export const interfacesGroup = group({
  include: setting(globs, [], 'Only these interfaces are looked at, also bridges and tunnels among them.'),
  exclude: setting(globs, [], 'These interfaces are left alone.'),
});

const points = (fallback: number, description: string) => setting(number(0, 100_000), fallback, description);

export const selectionGroup = group({
  switchMargin: points(selection.switchMargin, 'Points by which a better uplink must lead.'),
  switchAfter: durationSetting(
    milliseconds(0),
    hours(1),
    selection.switchAfter,
    'How long it must lead; up to an hour when it was left several times.',
  ),
  switchRounds: setting(integer(0, 100), selection.switchRounds, 'Over how many rounds of probes it must lead.'),
  urgentMargin: points(selection.urgentMargin, 'A lead that counts at once while the active uplink loses packets.'),
  urgentLosses: setting(
    integer(1, 1000),
    selection.urgentLosses,
    'Lost samples of the active uplink that make a lead urgent.',
  ),
  damping: v.optional(
    v.pipe(
      group({
        penalty: points(selection.damping.penalty, 'Added at each loss of carrier or reachability.'),
        suppressAbove: points(selection.damping.suppressAbove, 'Above this an uplink counts as down in the choice.'),
        reuseBelow: setting(number(1, 100_000), selection.damping.reuseBelow, 'Below this it counts again.'),
        ceiling: points(selection.damping.ceiling, 'Penalties never add up to more.'),
        halfLife: durationSetting(seconds(1), hours(1), selection.damping.halfLife, 'Time in which a penalty halves.'),
      }),
      v.check(
        ({ reuseBelow, suppressAbove, ceiling }) => reuseBelow <= suppressAbove && suppressAbove <= ceiling,
        'reuseBelow ≤ suppressAbove ≤ ceiling',
      ),
    ),
    {},
  ),
});

const holdDown = (fallback: typeof lifecycle.upToDegraded, description: string) =>
  durationSetting(milliseconds(0), hours(24), fallback, description);

export const lifecycleGroup = group({
  upToDegraded: holdDown(lifecycle.upToDegraded, 'How long an uplink must be degraded before its state says so.'),
  degradedToDown: holdDown(lifecycle.degradedToDown, 'How long a degraded uplink must have failed before it is down.'),
  downToProbing: holdDown(
    lifecycle.downToProbing,
    'How long an uplink that is down must answer before it is tried again.',
  ),
  probingToUp: holdDown(lifecycle.probingToUp, 'How long an uplink must be healthy before it is up.'),
  minStateDuration: holdDown(lifecycle.minStateDuration, 'The least time a state lasts before a verdict ends it.'),
});

export const routingGroup = v.pipe(
  group({
    execute: setting(flag(), routing.execute, 'false: a dry run; everything is computed and shown, nothing is done.'),
    monitorOnly: setting(flag(), routing.monitorOnly, 'true: tables are kept, no rule is installed.'),
    interfaceTablePriority: setting(
      integer(1, 32_000),
      routing.interfaceTablePriority,
      'Priority of the first routing rule.',
    ),
    firstTable: setting(integer(1, 252), routing.firstTable, 'First id of the routing tables that may be used.'),
    lastTable: setting(integer(1, 252), routing.lastTable, 'Last id of the routing tables that may be used.'),
  }),
  v.check(
    ({ firstTable, lastTable }) => firstTable < lastTable,
    'firstTable < lastTable: one table ranks, one more serves each uplink',
  ),
);

export const failbackGroup = group({
  linger: durationSetting(
    seconds(0),
    hours(1),
    failback.linger,
    'How long flows may stay on an expensive backup after failback.',
  ),
});

export const dnsGroup = group({
  mode: setting(
    oneOf(['auto', 'resolved', 'resolvconf', 'file', 'none']),
    dns.mode,
    'How name servers follow the active uplink.',
  ),
});

export const batteryGroup = group({
  batteryAware: setting(flag(), defaultConfig.battery.batteryAware, 'Whether probes are rarer on battery.'),
  probeReduction: setting(number(1, 100), defaultConfig.battery.probeReduction, 'By how much they are rarer.'),
});
