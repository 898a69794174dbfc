import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Config } from '../model/config.ts';
import type { Operation } from '../model/network.ts';
import type { HotspotKeeping, HotspotKeepingOptions } from './hotspot-keeping.ts';

/** The name is that of `hotspotJournalFile`, which is not loaded for this. */
const hasLeftovers = (stateDirectory: string): boolean => existsSync(join(stateDirectory, 'hotspot-parts.json'));

const nothing: HotspotKeeping = {
  begin: () => undefined,
  want: () => undefined,
  refresh: () => undefined,
  plan: () => [],
  close: async () => [],
};

/** Without a hotspot, and without what one of a former run has left, there is nothing: that costs nothing. */
export async function openHotspot(
  options: HotspotKeepingOptions & { readonly config: Config },
): Promise<HotspotKeeping> {
  if (!options.config.hotspot.enabled && !hasLeftovers(options.stateDirectory)) return nothing;
  const { openHotspotKeeping } = await import('./hotspot-keeping.ts');
  return openHotspotKeeping(options);
}

/** Takes away what a killed daemon has left of a hotspot. Resolves to what was done and what is left. */
export async function cleanUpHotspot(
  stateDirectory: string,
): Promise<{ readonly removed: readonly Operation[]; readonly left: readonly Operation[] }> {
  if (!hasLeftovers(stateDirectory)) return { removed: [], left: [] };
  const { removeHotspot } = await import('./hotspot-keeping.ts');
  return removeHotspot(stateDirectory);
}
