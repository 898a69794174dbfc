import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { DnsFollower } from '../effects/dns/dns-follower.ts';
import type { Config } from '../model/config.ts';
import type { DnsFollowingOptions } from './dns-following.ts';

/** Null where name servers do not follow, and no former run has had them: that costs nothing. */
export async function openDns(
  config: Pick<Config, 'dns' | 'routing'>,
  stateDirectory: string,
  options: Omit<DnsFollowingOptions, 'config' | 'stateDirectory'>,
): Promise<DnsFollower | null> {
  if (config.dns.mode === 'none' && !existsSync(join(stateDirectory, 'name-servers.json'))) return null;
  const { openDnsFollowing } = await import('./dns-following.ts');
  return openDnsFollowing({ config, stateDirectory, ...options });
}
