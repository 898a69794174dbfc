import { describe, expect, test } from 'vitest';
import { trafficRuleset } from '../../../../src/adapters/netfilter/traffic.ruleset.ts';

const eth0 = { index: 3, networks: { ipv4: ['192.168.1.0/24'], ipv6: ['2001:db8:1::/64'] } };

describe('the ruleset that counts traffic', () => {
  const ruleset = trafficRuleset([eth0]);

  test('replaces a table of its own in one transaction, whether it was there or not', () => {
    expect(ruleset.split('\n').slice(0, 3)).toEqual([
      'table inet backhauld_traffic',
      'delete table inet backhauld_traffic',
      'table inet backhauld_traffic {',
    ]);
  });

  test('touches no packet: it counts, and returns', () => {
    const verdicts = ruleset.match(/\b(?:drop|reject|queue|goto|jump|dnat|snat|masquerade|set mark)\b/gu);
    expect(verdicts).toBeNull();
    expect(ruleset.match(/policy (\w+)/gu)).toEqual(['policy accept', 'policy accept']);
  });

  test('takes the networks of all uplinks for near, beside what no gateway forwards', () => {
    expect(ruleset).toMatch(
      /set near_ipv4 .*169\.254\.0\.0\/16.*224\.0\.0\.0\/4.*255\.255\.255\.255\/32.*192\.168\.1\.0\/24/u,
    );
    expect(ruleset).toMatch(/set near_ipv6 .*fe80::\/10.*ff00::\/8.*2001:db8:1::\/64/u);
  });

  test('has a counter for each thing, uplink and family', () => {
    expect(ruleset.match(/^counter \w+ \{ \}$/gmu)).toHaveLength(8);
    expect(ruleset).toContain('map sent_ipv4 { type iface_index : counter; elements = { 3 : "sent_3_ipv4" } }');
  });

  test('is a ruleset with no uplink, too', () => {
    expect(trafficRuleset([])).toContain('map sent_ipv4 { type iface_index : counter; }');
  });
});
