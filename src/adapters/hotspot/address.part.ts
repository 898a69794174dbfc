import type { Problem } from '../../model/errors.ts';
import type { AddressPart } from '../../model/hotspot-parts.ts';
import type { KernelState } from '../../model/kernel.ts';
import { run } from '../process/run.ts';
import { linkState } from './link-state.ts';
import { patience, toolProblem, type PartMaker } from './part-maker.ts';

const addressesOf = ({ address: { ipv4, ipv6 } }: AddressPart): readonly string[] =>
  [ipv4, ipv6].filter((address) => address !== null);

/** What `ip` says of something that is not there. */
const isGone = (words: string): boolean =>
  /Cannot find device|Cannot assign requested address|No such device/u.test(words);

/** The node's own addresses on the access point. */
export function createAddress(state: () => KernelState | null): PartMaker<'address'> {
  /** As the kernel is known; null where nobody watches it, or does not know of the link yet. */
  function known(name: string): ReadonlySet<string> | null {
    const kernel = state();
    const link = kernel === null ? undefined : [...kernel.links.values()].find((one) => one.name === name);
    if (kernel === null || link === undefined) return null;
    return new Set(
      [...kernel.addresses.values()].flatMap(({ linkIndex, address, prefixLength }) =>
        linkIndex === link.index ? [`${address}/${prefixLength}`] : [],
      ),
    );
  }

  async function presentOn(name: string): Promise<ReadonlySet<string>> {
    const shown = known(name) ?? (await run('ip', ['-o', 'address', 'show', 'dev', name], { timeout: patience }));
    return 'stdout' in shown ? new Set(shown.stdout.split(/\s+/u)) : shown;
  }

  return {
    async before(part) {
      const { interface: name } = part;
      const had = await presentOn(name);
      return {
        link: await linkState(name, state()),
        addresses: addressesOf(part)
          .filter((address) => had.has(address))
          .join(' '),
      };
    },
    async start(part) {
      const { interface: name } = part;
      const lines = addressesOf(part).map((address) => {
        const more = address.includes(':') ? 'nodad' : 'broadcast +';
        return `address replace ${address} dev ${name} ${more}\n`;
      });
      // One process for all: the first that fails ends it, and says why.
      const input = [`link set dev ${name} up\n`, ...lines].join('');
      const result = await run('ip', ['-batch', '-'], { timeout: patience, input });
      return result.ok ? null : toolProblem('ip', `giving ${name} ${addressesOf(part).join(' and ')}`, result);
    },
    async stop(part, { link, addresses = '' }) {
      const { interface: name } = part;
      let problem: Problem | null = null;
      const had = new Set(addresses.split(' '));
      for (const address of addressesOf(part).filter((one) => !had.has(one))) {
        // oxlint-disable-next-line no-await-in-loop
        const result = await run('ip', ['address', 'delete', address, 'dev', name], { timeout: patience });
        if (!result.ok && !isGone(result.stderr)) problem = toolProblem('ip', `taking ${address} from ${name}`, result);
      }
      if (link === 'down') await run('ip', ['link', 'set', 'dev', name, 'down'], { timeout: patience });
      return problem;
    },
    async isMissing(part) {
      if (state() === null) return false;
      const present = known(part.interface);
      return addressesOf(part).some((address) => present?.has(address) !== true);
    },
  };
}
