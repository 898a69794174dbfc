import type { RoutingConfig } from '../../model/config.ts';
import { perFamily, type PerFamily } from '../../model/family.ts';
import { isDefault, type KernelState } from '../../model/kernel.ts';
import { observeRouting } from './observe.ts';
import { rankedTableOf } from './tables.ts';

/**
 * The uplink (ifindex) that carries unbound traffic by backhauld's own ranking, as a former run left it; null for a
 * family without one. It is the first default of the ranking whose link carries: the one the kernel uses.
 */
export function adoptedIncumbents(kernel: KernelState, routing: RoutingConfig): PerFamily<number | null> {
  const view = observeRouting(kernel, routing);
  const table = rankedTableOf(view, routing);
  return perFamily((family) => {
    const defaults = [...view.ownRoutes.values()]
      .filter((route) => route.family === family && route.table === table && isDefault(route))
      .toSorted((a, b) => a.metric - b.metric);
    for (const { linkIndex } of defaults) {
      const link = linkIndex === null ? undefined : kernel.links.get(linkIndex);
      if (link?.isUp === true && link.hasCarrier) return link.index;
    }
    return null;
  });
}
