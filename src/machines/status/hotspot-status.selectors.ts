/** The hotspot as operators see it. */
import type { HotspotStatus } from '../../model/hotspot.ts';
import { elapsed, milliseconds, type Instant, type Milliseconds } from '../../model/units.ts';
import { rotationDueAt } from '../hotspot/hotspot-key.decisions.ts';
import type { HotspotPhase } from '../hotspot/hotspot.context.ts';
import type { NodeContext } from '../node/node.context.ts';

type Due = NonNullable<HotspotStatus['due']>['what'];

/** What happens at the end of a phase that ends by itself. */
const awaited: Readonly<Partial<Record<HotspotPhase, Due>>> = {
  waiting: 'open',
  searching: 'open',
  yielding: 'search',
  returning: 'close',
  failed: 'retry',
};

/** Null where the configuration has none, and before it is known what the kernel holds. */
export function hotspotStatus(
  { config: { hotspot: config }, hotspot }: NodeContext,
  now: Instant,
  wall: (at: Instant) => string,
): HotspotStatus | null {
  const view = hotspot?.view ?? null;
  if (view === null) return null;
  const { state, mode, since, because, wanted, network, clients, phase, deadline, problem, previousEndsAt } = view;
  const { ssid, security } = config;
  const what = awaited[phase];
  const left = (at: Instant): Milliseconds => milliseconds(Math.ceil(Math.max(0, elapsed(now, at))));
  return {
    state,
    mode,
    since: wall(since),
    because,
    ssid,
    security: security.mode,
    interface: network?.interface ?? null,
    placement: wanted?.placement ?? null,
    channel: wanted?.channel ?? null,
    address: network?.ipv4.address ?? null,
    clients,
    maxClients: security.maxClients,
    due: what === undefined || deadline === null ? null : { what, inMs: left(deadline) },
    key: {
      number: view.key,
      rotatesInMs: security.pskRotation.enabled ? left(rotationDueAt({ config, rotatedAt: view.rotatedAt })) : null,
      previousEndsInMs: previousEndsAt === null ? null : left(previousEndsAt),
    },
    problem,
  };
}
