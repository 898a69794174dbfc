import { expect, test } from 'vitest';
import { readConfigText } from '../../../../src/adapters/config/read-config.ts';

const read = async (dns: string) => readConfigText(`[[uplink]]\nmatch = "eth0"\ndns = ${dns}\n`, 'a.toml');

test('ROUT-9: an uplink may be given name servers of both families; without them nothing is said of any', async () => {
  expect(await read('["192.0.2.53", "2001:db8::53", "fe80::1"]')).toMatchObject({
    ok: true,
    config: { uplinks: [{ dns: ['192.0.2.53', '2001:db8::53', 'fe80::1'] }] },
  });
  const without = await read('[]');
  expect(without.ok && 'dns' in (without.config.uplinks[0] ?? {})).toBe(false);
});

test.each(['["127.0.0.1"]', '["ns.example.net"]', '["fe80::1%eth0"]', '["::"]', '"192.0.2.53"', '["1.2.3"]', '[53]'])(
  'ROUT-9: %s names no name server beyond the link, and is refused with its place',
  async (dns) => {
    const reading = await read(dns);
    expect(reading).toMatchObject({ ok: false, problems: [{ code: 'config.invalid' }] });
    expect(reading.ok ? '' : reading.problems[0].subject).toContain('a.toml:3:');
  },
);
