import { isInNetwork, isLinkLocal } from '../../../src/model/address.ts';
import type { Family } from '../../../src/model/family.ts';
import type { InterfaceAddress, InterfaceFacts } from '../../../src/model/interface.ts';
import { routeProtocol } from '../../../src/model/kernel.ts';

/** What the lifecycle asks of an interface. */
export const isPresent = ({ isUp, hasCarrier, addresses }: InterfaceFacts): boolean =>
  isUp && hasCarrier && addresses.ipv4.length + addresses.ipv6.length > 0;

/** DISC-6: the gateway of one family, kept while its address lasts. */
export class GatewayModel {
  gateway: string | null = null;
  /** The address that it came with. */
  #cameWith = '';
  /** Its router said so, and says so no more when its route is gone. */
  #isAnnounced = false;
  readonly #family: Family;

  constructor(family: Family) {
    this.#family = family;
  }

  see({ addresses, defaultRoutes }: InterfaceFacts): void {
    const own = addresses[this.#family];
    const routes = defaultRoutes
      .filter(({ family }) => family === this.#family)
      .toSorted((a, b) => a.metric - b.metric);
    const isAdvertised = ({ protocol }: { readonly protocol: number }): boolean => protocol === routeProtocol.ra;
    const best = routes.find((route) => !isAdvertised(route)) ?? routes.find(isAdvertised);
    if (best !== undefined && own.length > 0) {
      this.gateway = best.gateway;
      this.#cameWith = own[0]?.address ?? '';
      this.#isAnnounced = isAdvertised(best);
    } else if (this.#isAnnounced) {
      this.gateway = null;
    } else if (this.gateway !== null && !isBehind(this.gateway, own) && !isAmong(this.#cameWith, own)) {
      this.gateway = null;
    }
  }
}

const isAmong = (text: string, own: readonly InterfaceAddress[]): boolean =>
  own.some(({ address }) => address === text);

const isBehind = (gateway: string, own: readonly InterfaceAddress[]): boolean =>
  own.some(({ address, prefixLength }) => isLinkLocal(gateway) || isInNetwork(gateway, address, prefixLength));

/** The way out of one family: from which address, by which gateway; null where there is none (DISC-5, DISC-6). */
export function pathModel(
  facts: InterfaceFacts,
  family: Family,
  gateway: string | null,
  claimed: readonly string[],
): { readonly source: string; readonly gateway: string } | null {
  const own = facts.addresses[family].filter(({ address }) => !claimed.includes(address));
  const source = own.find((one) => gateway !== null && isBehind(gateway, [one])) ?? own[0];
  return isPresent(facts) && source !== undefined && gateway !== null ? { source: source.address, gateway } : null;
}
