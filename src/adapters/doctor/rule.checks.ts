import type { RoutingConfig } from '../../model/config.ts';
import { defaultTable, localTable, mainTable, type KernelState, type Rule } from '../../model/kernel.ts';
import { ownProtocol } from '../../model/network.ts';
import { fine, warning, type Finding } from './finding.ts';
import { textAt } from '../files/readings.ts';
import type { KernelView, Surroundings } from './surroundings.ts';

/** Rules from the base on, as far as the layout reaches, and the ranked table right before main. */
const span = 200;
const rankedPriority = 32_765;

/** Rule priorities and table ids that backhauld would use and others have. */
export function checkRules(
  surroundings: Surroundings,
  view: KernelView | null,
  routing: RoutingConfig,
): readonly Finding[] {
  if (view === null) return [];
  const foreign = [...view.state.rules.values()].filter(({ protocol }) => protocol !== ownProtocol);
  return [
    checkPriorities(foreign, routing),
    checkTables(surroundings, view.state, foreign, routing),
    checkVpns(foreign),
  ];
}

function checkPriorities(foreign: readonly Rule[], { interfaceTablePriority: base }: RoutingConfig): Finding {
  const check = 'rule priorities';
  const taken = foreign.filter(
    ({ priority }) => (priority >= base && priority <= base + span) || priority === rankedPriority,
  );
  const range = `${base} to ${base + span} and ${rankedPriority}`;
  if (taken.length === 0) return fine(check, `${range} are free`);
  return warning(
    check,
    `others have rules among ${range}: ${listed(taken.map(ruleText))}`,
    taken.some(({ priority }) => priority !== rankedPriority)
      ? 'set routing.interfaceTablePriority to a range that is free'
      : `give that rule another priority than ${rankedPriority}`,
  );
}

function checkTables(
  { etc }: Surroundings,
  { routes }: KernelState,
  foreign: readonly Rule[],
  { firstTable, lastTable }: RoutingConfig,
): Finding {
  const check = 'routing tables';
  const reserved = [mainTable, localTable, defaultTable];
  const isOurs = (table: number): boolean => table >= firstTable && table <= lastTable && !reserved.includes(table);
  const used = new Set(
    [...[...routes.values()].filter(({ protocol }) => protocol !== ownProtocol), ...foreign]
      .map(({ table }) => table)
      .filter(isOurs),
  );
  const named = [...(textAt(etc, 'iproute2/rt_tables') ?? '').matchAll(/^\s*(\d+)\s+(\S+)/gmu)]
    .map(([, id, name]) => ({ id: Number(id), name: name ?? '' }))
    .filter(({ id }) => isOurs(id) && !used.has(id));
  const total = lastTable - firstTable + 1;
  const parts = [
    ...(used.size === 0 ? [] : [`in use by others: ${listed([...used].toSorted((a, b) => a - b).map(String))}`]),
    ...(named.length === 0 ? [] : [`named in rt_tables: ${listed(named.map(({ id, name }) => `${id} (${name})`))}`]),
  ];
  if (parts.length === 0) return fine(check, `${firstTable} to ${lastTable} are free`);
  return warning(
    check,
    `of ${firstTable} to ${lastTable} (${total} ids) ${parts.join('; ')}`,
    'backhauld passes over ids in use; set routing.firstTable and routing.lastTable to keep clear of them',
  );
}

/** VPNs that route by rules of their own: where they stand tells whether their traffic is left to them. */
function checkVpns(foreign: readonly Rule[]): Finding {
  const check = 'VPN rules';
  const vpns = [
    {
      name: 'Tailscale',
      rules: foreign.filter(({ priority, table }) => priority >= 5200 && priority <= 5299 && table === 52),
    },
    { name: 'wg-quick', rules: foreign.filter(({ table, mark }) => table === 51_820 || mark === 51_820) },
  ].filter(({ rules }) => rules.length > 0);
  if (vpns.length === 0) return fine(check, 'none of Tailscale or wg-quick');
  const found = vpns.map(({ name, rules }) => `${name} (${listed(rules.map(({ priority }) => String(priority)))})`);
  const behind = vpns.filter(({ rules }) => rules.some(({ priority }) => priority > rankedPriority));
  if (behind.length === 0)
    return fine(check, `${found.join(', ')}: they stand before the ranked table, and no marks are shared`);
  return warning(
    check,
    `${found.join(', ')}: a rule of theirs stands behind the ranked table (${rankedPriority}) and is not reached`,
    'start the VPN anew, so that it puts its rules before main',
  );
}

const ruleText = ({ priority, from, mark, table }: Rule): string =>
  `${priority}: ${from === null ? '' : `from ${from} `}${mark === null ? '' : `fwmark ${mark} `}lookup ${table}`;

function listed(items: readonly string[]): string {
  const unique = [...new Set(items)];
  return unique.length > 5 ? `${unique.slice(0, 5).join(', ')} and ${unique.length - 5} more` : unique.join(', ');
}
