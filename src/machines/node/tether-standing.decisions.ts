/** What the actors of one interface are to know of each other: the interface's own, that of its lease, that of its tether. */
import type { Problem } from '../../model/errors.ts';
import { families } from '../../model/family.ts';
import type { InterfaceAddress } from '../../model/interface.ts';
import { networkOf } from '../../model/address.ts';
import type { HeldLease, LeaseIntent } from '../../model/lease.ts';
import { leaseActor } from '../lease/lease.decisions.ts';
import type { LeaseInput } from '../lease/lease.context.ts';
import { withoutEntry } from '../map-entries.ts';
import type { NodeContext, Told } from './node.context.ts';
import { tetherActor } from '../tether/tether.decisions.ts';
import type { TetherInput, TetherStanding } from '../tether/tether.context.ts';
import { isTether, wantsLease } from '../interface/tether-match.decisions.ts';
import { unlessSame } from '../unless-same.ts';
import { withheldBecause } from './withheld.decisions.ts';

const noStanding: TetherStanding = { lease: null, leaseProblem: null, hasWay: false };

/** What they know when they start. */
export const toldAtFirst = (context: NodeContext, index: number): Told => ({
  lease: context.leases.get(index)?.lease ?? null,
  withheld: withheldBecause(context, index),
  verdict: 'unknown',
  standing: noStanding,
});

/** What they should know. */
export function toBeTold(context: NodeContext, index: number): Told {
  const lease = context.leases.get(index);
  const view = context.views.get(index);
  const before = context.told.get(index);
  const standing: TetherStanding = {
    lease: lease?.phase ?? null,
    leaseProblem: lease?.problem ?? null,
    hasWay: view !== undefined && families.some((family) => view.candidacy.paths[family] !== null),
  };
  return unlessSame(before, {
    lease: lease?.lease ?? null,
    withheld: withheldBecause(context, index),
    verdict: view?.contenders.ipv4.verdict ?? 'unknown',
    standing: unlessSame(before?.standing, standing),
  });
}

/** What the actor of an interface's lease starts with; null where none is wanted. */
export function leaseInput({ config, uplinks, leases, requests, now }: NodeContext, index: number): LeaseInput | null {
  const uplink = uplinks.get(index);
  if (uplink === undefined || !wantsLease(config, uplink.classification, uplink.facts)) return null;
  const { classification, facts } = uplink;
  const { lease = null, own = [] } = leases.get(index) ?? {};
  return { config, classification, facts, request: requests, lease, own, at: now };
}

/** What the actor of a tether starts with; null for what is none. */
export function tetherInput({ config, uplinks, told, tethers, now }: NodeContext, index: number): TetherInput | null {
  const uplink = uplinks.get(index);
  if (uplink === undefined || !isTether(config, uplink.classification, uplink.facts)) return null;
  const { classification, facts } = uplink;
  const standing = told.get(index)?.standing ?? noStanding;
  return { config, classification, facts, standing, wasReady: tethers.get(index)?.state === 'ready', at: now };
}

/** Forgets what the actors of lease and tether said, and what all were told. */
export function withoutTether(context: NodeContext, index: number): Partial<NodeContext> {
  const ids = [leaseActor(index), tetherActor(index)];
  return {
    leases: withoutEntry(context.leases, index),
    tethers: withoutEntry(context.tethers, index),
    told: withoutEntry(context.told, index),
    actors: new Set([...context.actors].filter((id) => !ids.includes(id))),
    failures: new Map([...context.failures].filter(([id]) => !ids.includes(id))),
  };
}

export const heldLeases = ({ leases, uplinks }: Pick<NodeContext, 'leases' | 'uplinks'>): readonly HeldLease[] =>
  [...leases].flatMap(([index, { lease }]) => {
    const name = uplinks.get(index)?.facts.name;
    return lease === null || name === undefined ? [] : [{ index, name, lease }];
  });

export const leaseIntents = ({ leases }: Pick<NodeContext, 'leases'>): readonly LeaseIntent[] =>
  [...leases.values()].flatMap(({ intent }) => intent ?? []);

export const raisedLinks = ({ tethers }: Pick<NodeContext, 'tethers'>): readonly number[] =>
  [...tethers].flatMap(([index, { isRaised }]) => (isRaised ? [index] : []));

/** What is wrong with leases and tethers; a tether that fails for its lease is told once. */
export function tetherProblems({ leases, tethers }: Pick<NodeContext, 'leases' | 'tethers'>): readonly Problem[] {
  const ofLeases = [...leases.values()].flatMap(({ problem }) => problem ?? []);
  const ofTethers = [...tethers.values()].flatMap(({ problem }) => problem ?? []);
  return [
    ...ofLeases,
    ...ofTethers.filter(({ code, subject }) => !ofLeases.some((one) => one.code === code && one.subject === subject)),
  ];
}

/**
 * Leases in networks that another uplink is in, behind another gateway. Both are used, for each has rules of its own; what
 * is in the network itself is reached by one of them only. Two links into one network have one gateway, and no conflict.
 */
export function leaseConflicts({
  leases,
  views,
  uplinks,
}: Pick<NodeContext, 'leases' | 'views' | 'uplinks'>): readonly Problem[] {
  return [...leases].flatMap(([index, { lease }]) => {
    const name = uplinks.get(index)?.facts.name;
    if (lease === null || name === undefined) return [];
    const other = [...views].find(([one, view]) => {
      const path = view.candidacy.paths.ipv4;
      const isOther = one !== index && path !== null && path.gateway !== lease.gateway;
      return isOther && path.addresses.some((address) => isSameNetwork(address, lease));
    })?.[1];
    if (other === undefined) return [];
    const problem: Problem = {
      code: 'lease.conflict',
      message: `${name} and ${other.name} are both in the network ${networkOf(lease.address, lease.prefixLength) ?? lease.address}, behind different gateways`,
      remedy: 'both are used; give one of the two networks another subnet to reach what is in either',
      subject: name,
    };
    return [problem];
  });
}

const isSameNetwork = (
  a: Pick<InterfaceAddress, 'address' | 'prefixLength'>,
  b: Pick<InterfaceAddress, 'address' | 'prefixLength'>,
): boolean => {
  const length = Math.min(a.prefixLength, b.prefixLength);
  return networkOf(a.address, length) === networkOf(b.address, length);
};
