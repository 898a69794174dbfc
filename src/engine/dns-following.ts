/** Has name servers follow the active uplink. Loaded only where they are to, or where a former run has had them follow. */
import type { SchedulerLike } from 'rxjs';

import { openDnsJournal } from '../adapters/dns/dns.journal.ts';
import { createDnsSource } from '../adapters/dns/dns.source.ts';
import { createDnsTarget } from '../adapters/dns/dns.target.ts';
import { DnsFollower, type DnsFollowerOptions } from '../effects/dns/dns-follower.ts';
import type { Config } from '../model/config.ts';
import type { Problem } from '../model/errors.ts';

export interface DnsFollowingOptions extends Pick<DnsFollowerOptions, 'onServers'> {
  readonly config: Pick<Config, 'dns' | 'routing'>;
  readonly stateDirectory: string;
  readonly scheduler: SchedulerLike;
  /** What the configuration names for a link; empty: nothing. */
  readonly configured: (index: number) => readonly string[];
  /** What the lease that backhauld holds names for a link. Missing: no lease is held. */
  readonly leased?: (index: number) => readonly string[];
  readonly onProblem: (problem: Problem) => void;
}

export function openDnsFollowing({
  config,
  stateDirectory,
  scheduler,
  configured,
  leased = () => [],
  onProblem,
  onServers,
}: DnsFollowingOptions): DnsFollower {
  const { journal, problems } = openDnsJournal(stateDirectory);
  for (const problem of problems) onProblem(problem);
  return new DnsFollower({
    target: createDnsTarget(config.dns.mode),
    journal,
    source: createDnsSource({ configured, leased, journal }),
    execute: config.routing.execute,
    scheduler,
    onServers,
  });
}
