/** Whether an interface may carry traffic, by which paths, and if not, why. */
import { isInNetwork } from '../../model/address.ts';
import type { Problem } from '../../model/errors.ts';
import { families, perFamily, type PerFamily } from '../../model/family.ts';
import type { InterfaceAddress, InterfaceFacts } from '../../model/interface.ts';
import type { UplinkPath } from '../../model/network.ts';
import type { Classification } from './classification.decisions.ts';
import { isTrusted, type Gateway } from './gateway.decisions.ts';

/** An address that a better interface has too. */
export interface Claim {
  readonly address: string;
  /** The name of the interface that keeps it. */
  readonly by: string;
}

export interface Candidacy {
  readonly isCandidate: boolean;
  /** Why it is none, in half a sentence; null for a candidate. */
  readonly because: string | null;
  /** The way out of each family; null for one that has none here. One that is withheld keeps its ways: they are probed. */
  readonly paths: PerFamily<UplinkPath | null>;
  readonly problems: readonly Problem[];
}

/** What the lifecycle calls present: up, with carrier and an address. */
export const isPresent = (facts: InterfaceFacts): boolean =>
  facts.isUp && facts.hasCarrier && families.some((family) => facts.addresses[family].length > 0);

export function assess(
  facts: InterfaceFacts,
  { type, evidence }: Pick<Classification, 'type' | 'evidence'>,
  gateways: PerFamily<Gateway | null>,
  claims: readonly Claim[],
  withheldBecause: string | null = null,
): Candidacy {
  const own = perFamily((family) => withoutClaimed(facts.addresses[family], claims));
  const hasOwnAddress = families.some((family) => own[family].length > 0);
  const because = !facts.isUp
    ? 'it is down'
    : !facts.hasCarrier
      ? 'it has no carrier'
      : !isPresent(facts)
        ? 'it has no address of global scope'
        : type === 'unknown'
          ? `its type is unknown: ${evidence}`
          : !hasOwnAddress
            ? `${claims.map(({ address, by }) => `${by} has ${address} too`).join(', ')}, and is preferred`
            : null;
  return {
    isCandidate: because === null && withheldBecause === null,
    because: because ?? withheldBecause,
    paths: perFamily((family) => (because === null ? pathOf(own[family], gateways[family]) : null)),
    problems: [
      ...claims.map((claim) => duplicateAddress(facts.name, claim)),
      ...families.flatMap((family) => gatewayProblem(facts.name, own[family], gateways[family])),
    ],
  };
}

const withoutClaimed = (
  addresses: readonly InterfaceAddress[],
  claims: readonly Claim[],
): readonly InterfaceAddress[] => addresses.filter(({ address }) => !claims.some((claim) => claim.address === address));

function pathOf(addresses: readonly InterfaceAddress[], gateway: Gateway | null): UplinkPath | null {
  if (addresses.length === 0 || gateway === null || !isTrusted(gateway)) return null;
  return { addresses: sourcesFirst(addresses, gateway.address), gateway: gateway.address };
}

/**
 * The address that probes leave from comes first: one in the gateway's own network, and for IPv6 rather a public one
 * than a unique local one (RFC 4193), which no one beyond the site could answer.
 */
function sourcesFirst(addresses: readonly InterfaceAddress[], gateway: string | null): readonly InterfaceAddress[] {
  const rank = ({ address, prefixLength }: InterfaceAddress): number =>
    (gateway !== null && isInNetwork(gateway, address, prefixLength) ? 0 : 2) +
    (isInNetwork(address, 'fc00::', 7) ? 1 : 0);
  return addresses.toSorted((a, b) => rank(a) - rank(b));
}

/**
 * The identity of a path: rounds of another one are no evidence about it. `generation` tells a path from the same one
 * before the link was gone, or before the interface was another.
 */
export const pathIdentity = ({ addresses, gateway }: UplinkPath, generation: string): string =>
  `${addresses[0]?.address ?? '-'} via ${gateway ?? 'the link'} #${generation}`;

const duplicateAddress = (name: string, { address, by }: Claim): Problem => ({
  code: 'uplink.duplicateAddress',
  message: `${name} and ${by} both have the address ${address}; only ${by} uses it`,
  remedy: 'give one of the two networks another subnet',
  subject: name,
});

function gatewayProblem(
  name: string,
  addresses: readonly InterfaceAddress[],
  gateway: Gateway | null,
): readonly Problem[] {
  if (gateway === null || !gateway.isOutside || addresses.length === 0) return [];
  const own = addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`).join(', ');
  return [
    {
      code: 'uplink.gatewayOutsideSubnet',
      message: `the gateway ${gateway.address ?? ''} of ${name} lies in none of its networks (${own})`,
      remedy: isTrusted(gateway)
        ? `${gateway.source === 'lease' ? 'the lease names it' : 'a route goes by it'}, so it is used as an on-link gateway`
        : 'correct `gateway` in the configuration; it is not used',
      subject: name,
    },
  ];
}

/** An interface as the comparison of addresses sees it. */
export interface AddressHolder {
  readonly facts: InterfaceFacts;
  readonly classification: Classification;
}

/**
 * For each interface, the addresses that it shares with a better one: the type with the higher bias, then the name.
 * An interface that is not there, or is none of the known types, takes nothing from anyone.
 */
export function findClaims(
  holders: Iterable<AddressHolder>,
  bias: Readonly<Record<Classification['type'], number>>,
): ReadonlyMap<number, readonly Claim[]> {
  const present = [...holders].filter(
    ({ facts, classification }) => classification.type !== 'unknown' && isPresent(facts),
  );
  const owners = new Map<string, AddressHolder>();
  for (const holder of present) {
    for (const address of addressesOf(holder.facts)) {
      const owner = owners.get(address);
      if (owner === undefined || isBetter(holder, owner, bias)) owners.set(address, holder);
    }
  }
  const claims = new Map<number, readonly Claim[]>();
  for (const holder of present) {
    const lost = addressesOf(holder.facts).flatMap((address) => {
      const owner = owners.get(address);
      return owner === undefined || owner === holder ? [] : [{ address, by: owner.facts.name }];
    });
    if (lost.length > 0) claims.set(holder.facts.index, lost);
  }
  return claims;
}

/** The addresses of an interface, of both families. */
const addressesOf = ({ addresses: { ipv4, ipv6 } }: InterfaceFacts): readonly string[] =>
  [...ipv4, ...ipv6].map(({ address }) => address);

function isBetter(a: AddressHolder, b: AddressHolder, bias: Readonly<Record<Classification['type'], number>>): boolean {
  const lead = bias[a.classification.type] - bias[b.classification.type];
  return lead === 0 ? a.facts.name < b.facts.name : lead > 0;
}
