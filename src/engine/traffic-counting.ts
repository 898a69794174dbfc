/** Wires what counts the traffic of the uplinks. */
import type { Log } from '../adapters/log/log.ts';
import { openTrafficCounters, type TrafficCounters } from '../adapters/netfilter/traffic-counters.ts';
import type { CountedUplink } from '../adapters/netfilter/traffic.ruleset.ts';
import type { Kernel } from '../adapters/netlink/kernel.ts';
import { networkOf } from '../model/address.ts';
import type { Config } from '../model/config.ts';
import { perFamily } from '../model/family.ts';
import type { InterfaceAddress } from '../model/interface.ts';
import type { NetworkIntent } from '../model/network.ts';
import type { ProblemBoard } from './problem-board.ts';

export const openTrafficCounting = (
  config: Pick<Config, 'routing'>,
  kernel: Kernel,
  log: Log,
  problems: ProblemBoard,
): Promise<TrafficCounters> =>
  openTrafficCounters({
    execute: config.routing.execute,
    linkCounters: (index) => kernel.counters(index),
    onProblem: problems.note,
    onSolved: problems.solve,
    onChange: (change) => log.info({ component: 'audit', ...change }, `${change.type} ${change.target}`),
  });

const nearNetworks = ({ address, prefixLength, peer }: InterfaceAddress): string[] => {
  const network = networkOf(peer ?? address, prefixLength);
  return network === undefined ? [] : [network];
};

export const countedUplinks = ({ uplinks }: NetworkIntent): readonly CountedUplink[] =>
  uplinks.map(({ index, paths }) => ({
    index,
    networks: perFamily((family) => (paths[family]?.addresses ?? []).flatMap(nearNetworks)),
  }));
