import { hostPrefix } from '../../model/address.ts';
import type { RoutingConfig } from '../../model/config.ts';
import { families } from '../../model/family.ts';
import { mainTable } from '../../model/kernel.ts';
import type { HeldLease } from '../../model/lease.ts';
import type { DesiredRule } from '../../model/network.ts';
import type { KnownUplink } from './known-path.ts';
import { ruleIdentity, rulePriorities } from './places.ts';
import type { Tables } from './tables.ts';

type Selectors = Partial<Pick<DesiredRule, 'from' | 'outputInterface' | 'suppressPrefixLength'>>;

/** The rules that lead traffic to the tables; `places.ts` tells what each is for. Sorted by priority in each family. */
export function desiredRules(
  uplinks: readonly KnownUplink[],
  routing: RoutingConfig,
  tables: Tables,
  leading: HeldLease | null = null,
): readonly DesiredRule[] {
  const priorities = rulePriorities(routing);
  const rules = new Map<string, DesiredRule>();
  for (const family of families) {
    if (!tables.families[family]) continue;
    const add = (priority: number, table: number | null, selectors: Selectors, because: string): void => {
      if (table === null) return;
      const all = { from: null, outputInterface: null, suppressPrefixLength: null };
      const rule: DesiredRule = { family, priority, table, ...all, ...selectors, because };
      const identity = ruleIdentity(rule);
      if (!rules.has(identity)) rules.set(identity, rule);
    };
    const withTable = uplinks.flatMap((uplink) => {
      const table = tables.uplinks.get(uplink.index);
      const addresses = uplink.paths[family]?.addresses ?? [];
      return table === undefined ? [] : [{ name: uplink.name, table, addresses }];
    });
    const eachAddress = (visit: (from: string, table: number, name: string) => void): void => {
      for (const { name, table, addresses } of withTable) {
        for (const address of addresses) visit(hostPrefix(family, address), table, name);
      }
    };

    for (const { name, table } of withTable) {
      add(priorities.device, table, { outputInterface: name }, `what is bound to ${name} leaves by ${name}`);
    }
    eachAddress((from, table, name) =>
      add(
        priorities.sourceNetworks,
        table,
        { from, suppressPrefixLength: 0 },
        `the networks of ${name}, for its address`,
      ),
    );
    const rankedNetworks = 'the active gateway is reached by the active uplink';
    add(priorities.rankedNetworks, tables.ranked, { suppressPrefixLength: 0 }, rankedNetworks);
    add(priorities.mainNetworks, mainTable, { suppressPrefixLength: 0 }, 'LAN, VPN and containers keep working');
    eachAddress((from, table, name) =>
      add(priorities.source, table, { from }, `replies from the address of ${name} leave by ${name}`),
    );
    const leased = family === 'ipv4' && leading !== null ? tables.uplinks.get(leading.index) : undefined;
    const leasedNetworks = `the lease of ${leading?.name ?? ''} leads to other networks, while it is active`;
    add(priorities.leased, leased ?? null, { suppressPrefixLength: 0 }, leasedNetworks);
    add(priorities.ranked, tables.ranked, {}, 'all other traffic follows the ranking');
  }
  return [...rules.values()];
}
