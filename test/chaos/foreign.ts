/** What other programs install, some of it where backhauld puts its own: none of it depends on an uplink. */
export interface ForeignObject {
  /** The command that installs it, in iproute2's words (`route …`, `-6 rule …`) or nftables' (`nft …`). */
  readonly add: string;
  readonly remove: string;
  /** The command that shows it, and what its output then has. */
  readonly show: string;
  readonly shown: RegExp;
}

const rule = (family: string, what: string, shown: RegExp): ForeignObject => ({
  add: `ip ${family} rule add ${what}`,
  remove: `ip ${family} rule delete ${what}`,
  show: `ip ${family} rule show`,
  shown,
});
const route = (family: string, what: string, table: string, shown: RegExp): ForeignObject => ({
  add: `ip ${family} route add ${what} table ${table}`,
  remove: `ip ${family} route delete ${what} table ${table}`,
  show: `ip ${family} route show table ${table}`,
  shown,
});

export const foreignObjects: Readonly<Record<string, ForeignObject>> = {
  'rule at 1000': rule('-4', 'priority 1000 from 10.9.9.0/24 table 77', /^1000:\s+from 10\.9\.9\.0\/24 lookup 77/mu),
  'rule at 1050': rule(
    '-4',
    'priority 1050 table 240 suppress_prefixlength 0 protocol static',
    /^1050:\s+from all lookup 240 suppress_prefixlength 0 proto static/mu,
  ),
  'rule at 5270': rule('-4', 'priority 5270 fwmark 0x80000/0xff0000 table 52', /^5270:.* lookup 52/mu),
  'rule6 at 1200': rule('-6', 'priority 1200 from 2001:db8:9::/48 table 77', /^1200:\s+from 2001:db8:9::\/48 /mu),
  'blackhole in main': route('-4', 'blackhole 192.0.2.0/24', 'main', /^blackhole 192\.0\.2\.0\/24/mu),
  'blackhole6 in main': route('-6', 'blackhole 2001:db8:8::/48', 'main', /^blackhole 2001:db8:8::\/48/mu),
  'route with our mark in main': route(
    '-4',
    'unreachable 198.51.100.0/24 proto 144',
    'main',
    /^unreachable 198\.51\.100\.0\/24 proto 144/mu,
  ),
  'route in 150': route('-4', 'blackhole 10.66.0.0/16', '150', /^blackhole 10\.66\.0\.0\/16/mu),
  'route in 77': route('-4', 'unreachable default', '77', /^unreachable default/mu),
  'nft table': {
    add: 'nft add table inet others { chain input { type filter hook input priority 5; counter; }; }',
    remove: 'nft delete table inet others',
    show: 'nft list ruleset',
    shown: /table inet others \{/u,
  },
  'nft table like ours': {
    add: 'nft add table ip backhauld_traffic { counter theirs { }; }',
    remove: 'nft delete table ip backhauld_traffic',
    show: 'nft list ruleset',
    shown: /table ip backhauld_traffic \{\s+counter theirs/u,
  },
};
