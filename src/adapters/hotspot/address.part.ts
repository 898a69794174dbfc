import type { Problem } from '../../model/errors.ts';
import type { AddressPart } from '../../model/hotspot-parts.ts';
import type { KernelState } from '../../model/kernel.ts';
import { run } from '../process/run.ts';
import { patience, toolProblem, type PartMaker } from './part-maker.ts';

const addressesOf = ({ address: { ipv4, ipv6 } }: AddressPart): readonly string[] =>
  [ipv4, ipv6].filter((address) => address !== null);

/** What `ip` says of something that is not there. */
const isGone = (words: string): boolean =>
  /Cannot find device|Cannot assign requested address|No such device/u.test(words);

/** The node's own addresses on the access point. */
export function createAddress(state: () => KernelState | null): PartMaker<'address'> {
  return {
    async before(part) {
      const { interface: name } = part;
      const shown = await run('ip', ['-o', 'link', 'show', 'dev', name], { timeout: patience });
      const present = await run('ip', ['-o', 'address', 'show', 'dev', name], { timeout: patience });
      const had = new Set(present.stdout.split(/\s+/u));
      return {
        link: /<[^>]*\bUP\b/u.test(shown.stdout) ? 'up' : 'down',
        addresses: addressesOf(part)
          .filter((address) => had.has(address))
          .join(' '),
      };
    },
    async start(part) {
      const { interface: name } = part;
      const raised = await run('ip', ['link', 'set', 'dev', name, 'up'], { timeout: patience });
      if (!raised.ok) return toolProblem('ip', `setting ${name} up`, raised);
      for (const address of addressesOf(part)) {
        const more = address.includes(':') ? ['nodad'] : ['broadcast', '+'];
        const args = ['address', 'replace', address, 'dev', name, ...more];
        // One after the other: the first that fails says why.
        // oxlint-disable-next-line no-await-in-loop
        const result = await run('ip', args, { timeout: patience });
        if (!result.ok) return toolProblem('ip', `giving ${name} the address ${address}`, result);
      }
      return null;
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
      const kernel = state();
      if (kernel === null) return false;
      const index = [...kernel.links.values()].find(({ name }) => name === part.interface)?.index;
      const present = new Set(
        [...kernel.addresses.values()].flatMap(({ linkIndex, address, prefixLength }) =>
          linkIndex === index ? [`${address}/${prefixLength}`] : [],
        ),
      );
      return addressesOf(part).some((address) => !present.has(address));
    },
  };
}
