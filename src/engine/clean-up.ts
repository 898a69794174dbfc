import { createClock, schedulerOf } from '../adapters/clock.ts';
import { removeTrafficTable } from '../adapters/netfilter/traffic-counters.ts';
import { openKernel } from '../adapters/netlink/kernel.ts';
import type { Config } from '../model/config.ts';
import { BackhaulError, type Problem } from '../model/errors.ts';
import type { Operation } from '../model/network.ts';
import { openDns } from './dns.ts';
import { cleanUpFlows } from './flow-following.ts';
import { cleanUpHotspot } from './hotspot.ts';
import { openReconciler } from './routing.ts';
import { cleanUpShaping } from './shaping.ts';

/** Removes everything of backhauld's from the network, without a daemon. Resolves to what was done and what is left. */
export async function cleanUpNetwork(
  config: Config,
  stateDirectory: string,
): Promise<{ readonly removed: readonly Operation[]; readonly left: readonly Operation[] }> {
  const problems: Problem[] = [];
  const kernel = await openKernel({ driver: config.discovery.driver });
  const reconciler = openReconciler(
    kernel,
    stateDirectory,
    { ...config, routing: { ...config.routing, execute: true } },
    schedulerOf(createClock()),
    (problem) => problems.push(problem),
  );
  const removed: Operation[] = [];
  reconciler.reports.subscribe((report) => {
    if (report.type === 'operation.executed' && report.result.ok) removed.push(report.operation);
  });
  const dns = await openDns({ dns: { mode: 'none' }, routing: { ...config.routing, execute: true } }, stateDirectory, {
    scheduler: schedulerOf(createClock()),
    configured: () => [],
    onProblem: (problem) => problems.push(problem),
    onServers: () => undefined,
  });
  dns?.reports.subscribe((report) => {
    if (report.type === 'operation.executed' && report.result.ok) removed.push(report.operation);
  });
  const left = [...(await reconciler.stop()), ...((await dns?.stop()) ?? [])];
  left.push(
    ...(await cleanUpShaping(
      {
        config: { ...config, routing: { ...config.routing, execute: true } },
        stateDirectory,
        scheduler: schedulerOf(createClock()),
        onProblem: (problem) => problems.push(problem),
      },
      (report) => {
        if (report.type === 'operation.executed' && report.result.ok) removed.push(report.operation);
      },
    )),
  );
  const hotspot = await cleanUpHotspot(stateDirectory);
  removed.push(...hotspot.removed);
  left.push(...hotspot.left);
  await kernel.close();
  await cleanUpFlows(stateDirectory, (problem) => problems.push(problem));
  const filterProblem = await removeTrafficTable();
  // Without nft there never was a table.
  if (filterProblem !== null && filterProblem.code !== 'tool.missing') problems.push(filterProblem);
  const [first, ...others] = problems;
  if (first !== undefined) throw new BackhaulError(first, ...others);
  return { removed, left };
}
