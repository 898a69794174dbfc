import { backhauld, kernelAlone, nobody, perfectProgram, type Contender } from './contender.ts';
import { deadTargets, flapping } from './calm.ts';
import { eventToRoute, idleCost, killAndRestart, memory, startToRoute } from './cost.ts';
import { addressFlushed, administrativelyDown, betterReturns, carrierLost, carrierLostLate } from './failover.ts';
import { leasedAddressFlushed, renumbered } from './leases.ts';
import { manyUplinks } from './many-uplinks.ts';
import { dhcpcd } from './peers/dhcpcd.ts';
import { frr } from './peers/frr.ts';
import { keepalived } from './peers/keepalived.ts';
import { networkManager } from './peers/network-manager.ts';
import { playCell, type FailoverCell } from './play.ts';
import { recorderCost } from './recorder.ts';
import { replayOf } from './replay.ts';
import type { CellPlan, Result } from './results.ts';
import { blackHole, chattyBlackHole, idleBlackHole, lossy } from './silence.ts';
import { stranded } from './stranded.ts';
import { bytesOnTheWire, hourOfStandby } from './wire.ts';

export interface Entry extends CellPlan {
  /** It is about seconds, and each contender takes little of the machine: all are played at once. */
  readonly isPatient?: boolean;
  /** It takes so long that only who names it has it played. */
  readonly isByNameOnly?: boolean;
  /** In milliseconds, where it may take longer than the others. */
  readonly longest?: number;
  readonly play: () => readonly (() => Promise<Result>)[];
}

const failover = (cell: FailoverCell, contenders: readonly Contender[]) => () =>
  contenders.map((contender) => () => playCell(cell, contender));

/** Everything that is measured, in the order it is. Quick: fewer runs, and only the peers that tell most. */
export function entriesFor(quick: boolean): readonly Entry[] {
  const own = backhauld();
  const fast = backhauld({ profile: 'fast' });
  const holder = backhauld({ holdsLeases: true });
  const few = quick ? 2 : 5;
  const once = (contender: Contender, mostRuns = 1): Contender => ({ ...contender, mostRuns });
  const managers = [networkManager, keepalived, frr, dhcpcd];
  const most = (...contenders: readonly Contender[]) => (quick ? [] : contenders);
  return [
    {
      cell: 'A',
      title: 'carrier lost',
      goal: 'at most 1.5 × the perfect C program, at most 1 lost; the same with the daemon stopped or killed',
      yardstick: perfectProgram.name,
      play: failover(carrierLost(quick ? 3 : 7), [
        own,
        backhauld({ treatment: 'stopped' }),
        backhauld({ treatment: 'killed' }),
        perfectProgram,
        kernelAlone,
        ...managers,
        ...most(nobody),
      ]),
    },
    {
      cell: 'A′',
      title: 'carrier lost on what looks like a NIC, right after another link event',
      goal: 'worst at most 60 ms with traffic flowing',
      yardstick: perfectProgram.name,
      play: failover(carrierLostLate(few), [own, perfectProgram, kernelAlone, ...most(keepalived)]),
    },
    {
      cell: 'B',
      title: 'administratively down',
      goal: 'at most 3 ms, at most 1 lost',
      yardstick: perfectProgram.name,
      play: failover(administrativelyDown(few), [own, perfectProgram, kernelAlone, ...most(...managers)]),
    },
    {
      cell: 'C',
      title: 'silent black hole upstream, traffic flowing',
      goal: 'at most 1500 ms; with the fast profile 400 ms',
      play: failover(blackHole(few), [
        own,
        fast,
        keepalived,
        ...most(once(networkManager, 2), frr, dhcpcd, kernelAlone),
      ]),
    },
    {
      cell: 'C chatty',
      title: "the same, with the router's ARP and pings and five broadcasts a second coming in",
      goal: 'at most 1500 ms; with the fast profile 400 ms',
      play: failover(chattyBlackHole(few), [own, fast, ...most(keepalived)]),
    },
    {
      cell: 'C₀',
      title: 'silent black hole upstream, no traffic',
      goal: 'at most 6500 ms; with the fast profile 600 ms',
      isPatient: true,
      play: failover(idleBlackHole(few), [own, fast, ...most(once(keepalived, 2))]),
    },
    {
      cell: 'D',
      title: `30 % random loss one way, ${quick ? 20 : 60} s`,
      goal: 'leaves within 10 s, at most 1 switch',
      isPatient: true,
      play: failover(lossy(quick ? 1 : 2, quick ? 20 : 60), [own, fast, ...most(once(keepalived))]),
    },
    {
      cell: 'E',
      title: 'the better uplink returns',
      goal: '0 lost, no gap over 5 ms',
      yardstick: perfectProgram.name,
      play: failover(betterReturns(quick ? 1 : 2), [
        own,
        once(perfectProgram),
        once(kernelAlone),
        ...most(once(keepalived)),
      ]),
    },
    {
      cell: 'F',
      title: 'flapping, a second up and a second down, for 20 s',
      goal: 'at most 3 lost, at most 2 switches',
      play: failover(flapping('F', quick ? 1 : 2, false), [
        own,
        ...most(once(kernelAlone), once(networkManager), once(keepalived), once(dhcpcd)),
      ]),
    },
    {
      cell: 'F′',
      title: 'the same on what looks like a NIC',
      goal: 'at most 3 lost, at most 2 switches',
      play: failover(flapping('F′', quick ? 1 : 2, true), [own, ...most(once(kernelAlone), once(keepalived))]),
    },
    {
      cell: 'G',
      title: 'the address of the active uplink is flushed',
      goal: '0 lost',
      play: failover(addressFlushed(few), [own, kernelAlone, ...most(networkManager, keepalived, dhcpcd)]),
    },
    {
      cell: 'G lease',
      title: 'the same, and the address is put back by whoever holds its lease',
      goal: '0 lost, restored within 1000 ms',
      play: failover(leasedAddressFlushed(few), [holder, ...most(once(networkManager), once(dhcpcd))]),
    },
    {
      cell: 'N',
      title: 'the network of the only uplink is numbered anew',
      goal: 'at most 3000 ms',
      isPatient: true,
      play: failover(renumbered(quick ? 1 : 3), [holder, ...most(once(networkManager), once(dhcpcd))]),
    },
    {
      cell: 'S',
      title: `each target in turn dead everywhere, ${quick ? 12 : 20} s`,
      goal: '0 switches, 0 changes of the ranking',
      isPatient: true,
      play: failover(deadTargets(quick ? 12 : 20), [own, fast, ...most(once(keepalived, 2))]),
    },
    {
      cell: 'T',
      title: 'a TCP connection that is established, its uplink gone for 12 s',
      goal: 'an error at most 200 ms after the switch, connected again after at most 1000 ms',
      play: failover(stranded('tcp', quick ? 1 : 3), [own, ...most(once(keepalived), once(networkManager))]),
    },
    {
      cell: 'T MPTCP',
      title: 'the same by MPTCP',
      goal: 'it lives on, silent for at most 50 ms after the switch',
      play: failover(stranded('mptcp', quick ? 1 : 3), [own, ...most(once(keepalived))]),
    },
    {
      cell: 'K',
      title: 'kill -9 and restart',
      goal: '0 lost, nothing left over, same state within 1000 ms',
      play: () => [() => killAndRestart(quick ? 5 : 20)],
    },
    {
      cell: 'CPU',
      title: 'idle, three uplinks, children included',
      goal: 'at most 0.12 CPU s a minute',
      play: () => [
        () => idleCost(own, quick ? 15 : 60),
        ...[fast, ...most(networkManager, keepalived)].map((contender) => () => idleCost(contender, quick ? 15 : 30)),
      ],
    },
    { cell: 'PSS', title: 'idle, ten uplinks', goal: 'at most 75 MB', play: () => [() => memory()] },
    {
      cell: 'event',
      title: 'kernel event to acknowledged route change',
      goal: 'median at most 1 ms',
      play: () => [() => eventToRoute(few)],
    },
    {
      cell: 'start',
      title: 'start to first correct route, addresses present',
      goal: 'at most 400 ms',
      play: () => [() => startToRoute(few)],
    },
    {
      cell: 'many',
      title: '1,000 kernel events a second',
      goal: 'no event lost, loop delay p99 at most 20 ms, cost of an event flat',
      play: () => [10, 100].map((uplinks) => () => manyUplinks(uplinks, quick ? 8 : 15)),
    },
    {
      cell: 'wire',
      title: 'probes at the IP level, both directions',
      goal: 'at most 100 bytes/s per uplink and family; metered in standby at most 5 MB a month',
      isPatient: true,
      play: () => [() => bytesOnTheWire('default', quick ? 20 : 60), () => bytesOnTheWire('metered', quick ? 20 : 60)],
    },
    {
      cell: 'hour',
      title: 'probes of uplinks that are metered and stand by, at the IP level, both directions, in an hour',
      goal: 'at most 5 MB a month',
      isByNameOnly: true,
      longest: 70 * 60_000,
      play: () => [() => hourOfStandby(quick ? 60 : 3600)],
    },
    {
      cell: 'recorder',
      title: 'flight recorder, 1,000 events a second; and a week of three uplinks with a probe each 5 s',
      goal: 'at most 2 % of a core, no block over 5 ms, a week at most 50 MB',
      play: () => [() => recorderCost(3, quick ? 5 : 10)],
    },
    {
      cell: 'replay',
      title: 'a recording of three busy uplinks, replayed and compared',
      goal: 'a week of IPv4 at most 60 s and 50 MB, at least 1000 × real time',
      play: () => [() => replayOf(quick ? 1 : 7, ['ipv4']), () => replayOf(1, ['ipv4', 'ipv6'])],
    },
  ];
}
