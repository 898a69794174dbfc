import type { Problem } from '../../model/errors.ts';
import type { FilterPart } from '../../model/hotspot-parts.ts';
import { applyRuleset, listTable } from '../netfilter/nft.ts';
import { run } from '../process/run.ts';
import { startSupervised, type Supervised } from '../process/supervised.ts';
import { filterRuleset, hotspotTable, noFilter } from './filter.ruleset.ts';
import { patience, type PartMaker } from './part-maker.ts';

export interface FilterOptions {
  readonly noted: (problem: Problem) => void;
  /** Another program has taken the table away. */
  readonly ended: (problem: Problem) => void;
  /** Whether an interface would not forward IPv4 without the hotspot, and the node no IPv6. */
  readonly isHost: (interfaceName: string) => boolean;
  readonly isIpv6Host: () => boolean;
}

/**
 * The nftables table of the hotspot. Firewalls flush everything when they are loaded anew, and without the table clients
 * are in the open: so its end is waited for.
 */
export function createFilter({ noted, ended, isHost, isIpv6Host }: FilterOptions): PartMaker<'filter'> {
  let watch: Supervised | null = null;
  /** Asked once. */
  let isThere = false;

  async function look(): Promise<void> {
    const isGone = (await listTable(hotspotTable)) === null;
    if (isGone && watch !== null) ended(flushed);
  }

  const follow = (): void => {
    watch ??= startSupervised('nft', ['monitor', 'destroy', 'tables'], {
      capabilities: ['net_admin'],
      // That of a table that is replaced is told too.
      onLine: (line) => {
        if (line.includes(hotspotTable)) void look();
      },
      onExit: () => {
        watch = null;
      },
    });
  };

  async function checkTool(): Promise<Problem | null> {
    if (isThere) return null;
    const result = await run('nft', ['--version'], { timeout: patience });
    isThere = result.ok;
    return result.ok ? null : described({ code: result.code, message: result.message, subject: 'nft' });
  }

  async function tellOfDrops(): Promise<void> {
    const drops = await foreignDrops();
    if (watch !== null) for (const drop of drops) noted(drop);
  }

  async function apply(part: FilterPart): Promise<Problem | null> {
    const ipv4 = part.uplinks.filter(({ name }) => isHost(name)).map(({ index }) => index);
    return described(await applyRuleset(filterRuleset(part, { ipv4, ipv6: isIpv6Host() })));
  }
  return {
    prepare: checkTool,
    check: checkTool,
    async start(part) {
      follow();
      const problem = await apply(part);
      // That is for people to know, and nothing to wait for.
      if (problem === null) void tellOfDrops();
      return problem;
    },
    change: async (_, to) => apply(to),
    stop: async () => {
      const following = watch;
      watch = null;
      await following?.stop();
      const problem = await applyRuleset(noFilter);
      // Without nft there never was a table.
      return problem === null || problem.code === 'tool.missing' ? null : described(problem);
    },
    isMissing: async () => (await listTable(hotspotTable)) === null,
  };
}

const flushed: Problem = {
  code: 'hotspot.serviceFailed',
  subject: 'nftables',
  message: `another program has taken the table ${hotspotTable} away; it is put back`,
};

const described = (problem: Problem | null): Problem | null =>
  problem?.code === 'tool.missing' ? { ...problem, remedy: 'install it: apt-get install nftables' } : problem;

/** Chains of others that drop what is forwarded unless a rule accepts it, as Docker's does. */
async function foreignDrops(): Promise<readonly Problem[]> {
  const listed = await run('nft', ['-j', 'list', 'chains'], { timeout: patience, maxBuffer: 4 * 1024 * 1024 });
  return listed.ok ? droppingChains(listed.stdout).map(droppedBy) : [];
}

/** The names of chains on the forward hook with the policy drop (libnftables-json(5)). */
export function droppingChains(json: string): readonly string[] {
  const objects = memberOf(parsed(json), 'nftables');
  if (!Array.isArray(objects)) return [];
  return objects.flatMap((object: unknown) => {
    const chain = memberOf(object, 'chain');
    const isDropping = memberOf(chain, 'hook') === 'forward' && memberOf(chain, 'policy') === 'drop';
    return isDropping ? [['family', 'table', 'name'].map((key) => String(memberOf(chain, key))).join(' ')] : [];
  });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

const memberOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined;

const droppedBy = (chain: string): Problem => ({
  code: 'kernel.conflict',
  subject: `nftables chain ${chain}`,
  message: 'it drops what is forwarded unless one of its rules accepts it (Docker does so); clients may get nowhere',
  remedy: 'accept forwarding between the hotspot and the uplinks there (with Docker: in the chain DOCKER-USER)',
});
