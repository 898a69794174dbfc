import { fine, warning, type Finding } from './finding.ts';
import { textAt } from '../files/readings.ts';
import { programAt, type Surroundings } from './surroundings.ts';

const check = 'forwarding';

/** Whether a firewall drops what is forwarded, as Docker's does: clients of the hotspot would be cut off. Best effort. */
export async function checkForwarding(surroundings: Surroundings): Promise<readonly Finding[]> {
  const nftables = await nftablesDrops(surroundings);
  const dropping = [...(nftables ?? []), ...(await legacyDrops(surroundings))];
  if (dropping.length > 0) {
    return [
      warning(
        check,
        `${dropping.join(' and ')} drops what is forwarded unless a rule accepts it (Docker does so)`,
        'accept forwarding between the hotspot and the uplinks there (with Docker: in the chain DOCKER-USER)',
      ),
    ];
  }
  return [
    fine(
      check,
      nftables === null ? 'not known: nftables cannot be read by this process' : 'no chain drops what is forwarded',
    ),
  ];
}

/** Chains on the forward hook with the policy drop, of `nft -j list chains` (libnftables-json(5)); null where unreadable. */
async function nftablesDrops({ ask, path }: Surroundings): Promise<readonly string[] | null> {
  const nft = programAt(path, 'nft');
  const listing = parsed(nft === null ? null : await ask(nft, ['-j', 'list', 'chains']));
  const objects = propertyOf(listing, 'nftables');
  if (!Array.isArray(objects)) return null;
  return objects.flatMap((object: unknown) => {
    const chain = propertyOf(object, 'chain');
    const isDrop = propertyOf(chain, 'hook') === 'forward' && propertyOf(chain, 'policy') === 'drop';
    const words = ['family', 'table', 'name'].map((key) => String(propertyOf(chain, key)));
    return isDrop && words[1] !== 'backhauld' ? [`the nftables chain ${words.join(' ')}`] : [];
  });
}

/** iptables-legacy loads kernel modules when it lists: it is asked only where its table is in use already. */
async function legacyDrops({ ask, proc, path }: Surroundings): Promise<readonly string[]> {
  const program = programAt(path, 'iptables-legacy');
  const isInUse = (textAt(proc, 'net/ip_tables_names') ?? '').split('\n').includes('filter');
  if (program === null || !isInUse) return [];
  const listing = await ask(program, ['-S', 'FORWARD']);
  return /^-P FORWARD DROP$/mu.test(listing ?? '') ? ['the iptables chain FORWARD'] : [];
}

function parsed(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

const propertyOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined;
