import { describe, expect, test } from 'vitest';
import { readConfigText } from '../../../../src/adapters/config/read-config.ts';

const read = async (policy: string) => readConfigText(`[[uplink]]\nmatch = "usb0"\npolicy = ${policy}\n`, 'a.toml');

describe('TETH-5: the policy of an uplink', () => {
  test('names a budget, its period, the zone whose days are meant, and what happens at its end', async () => {
    const policy =
      '{ kind = "metered", budget = "2 GiB", period = "days", days = 28, timeZone = "Europe/Berlin", atLimit = "warn" }';
    expect(await read(policy)).toMatchObject({
      ok: true,
      config: {
        uplinks: [
          { policy: { budget: 2 ** 31, period: 'days', days: 28, timeZone: 'Europe/Berlin', atLimit: 'warn' } },
        ],
      },
    });
    const without = await read('{ kind = "metered" }');
    expect(without.ok && without.config.uplinks[0]?.policy).toMatchObject({ budget: 1024e6, atLimit: 'block' });
    expect(without.ok && Object.keys(without.config.uplinks[0]?.policy ?? {})).not.toContain('timeZone');
  });

  test.each([
    ['budget = "0 B"', 'an amount of data such as "1 GB", from 1 B to 1000 TB'],
    ['budget = "0.4 B"', 'an amount of data'],
    ['budget = "-1 GB"', 'an amount of data'],
    ['budget = "10 EB"', 'an amount of data'],
    ['budget = "10000000 TB"', 'an amount of data'],
    ['budget = 1000', 'an amount of data'],
    ['startDay = 0', 'a whole number from 1 to 31'],
    ['startDay = 32', 'a whole number from 1 to 31'],
    ['days = 0', 'a whole number from 1 to 3660'],
    ['timeZone = "Mars/Olympus"', 'the name of a time zone'],
    ['timeZone = ""', 'the name of a time zone'],
    ['atLimit = "explode"', 'one of "block", "throttle", "warn"'],
  ])('with %s is refused, with its line and column and what was expected', async (setting, expected) => {
    const reading = await read(`{ kind = "metered", ${setting} }`);
    expect(reading.ok).toBe(false);
    const problem = reading.ok ? null : reading.problems[0];
    expect(problem?.code).toBe('config.invalid');
    expect(`${problem?.subject ?? ''} ${problem?.message ?? ''} ${problem?.remedy ?? ''}`).toMatch(/a\.toml:3:\d+/u);
    expect(`${problem?.message ?? ''} ${problem?.remedy ?? ''}`).toContain(expected);
  });
});
