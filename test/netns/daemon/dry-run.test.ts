import { expect, test } from 'vitest';
import { givenBack, quick, Site } from './site.ts';

test('ROUT-7: a dry run changes nothing, and shows what it would do', async () => {
  await using site = await Site.create();
  const meter = await site.lab.meter();
  // Without the privilege it could not change anything if it tried.
  const wrapper = ['setpriv', '--bounding-set', '-net_admin', '--inh-caps', '-net_admin', '--'];
  await site.start(`${quick}\n[routing]\nexecute = false\n`, { wrapper });
  const plan = await site.daemon.plan();
  const types = plan.map(({ type }) => type);
  expect(types).toEqual(expect.arrayContaining(['route.replace', 'rule.add', 'setting.write']));
  expect(plan.every(({ because, target }) => because !== '' && target !== '')).toBe(true);
  const printed = await site.backhauld('plan');
  expect(printed).toMatchObject({ code: 0 });
  expect(printed.output).toContain('default via 192.168.101.1 dev eth0');
  expect(await site.changes()).toEqual([]);
  // It decides all the same.
  await site.lab.uplink('eth0').pull();
  await site.untilActive('wlan0');
  await site.lab.uplink('eth0').plug();
  await site.lab.uplink('eth0').untilCarrier(true);
  expect(site.log().filter(({ component }) => component === 'audit')).toEqual([]);
  expect(await site.stop()).toEqual(givenBack);
  await meter.close();
});

test('ROUT-7: monitor only keeps the tables and installs no rule; the traffic stays where it was', async () => {
  await using site = await Site.create();
  await site.start(`${quick}\n[routing]\nmonitorOnly = true\n`);
  const own = await site.own();
  expect(own.filter((line) => line.startsWith('default '))).not.toEqual([]);
  const rules = await site.node.exec('ip', ['rule']);
  expect(rules.trim().split('\n')).toHaveLength(3);
  const meter = await site.lab.meter();
  await meter.until(({ uplink, received }) => received > 50 && uplink === 'eth0', 'traffic by main');
  await site.daemon.pin('wwan0');
  await site.untilActive('wwan0');
  expect((await meter.report()).uplink).toBe('eth0');
  expect(await site.daemon.plan()).toEqual([]);
  expect(await site.stop()).toEqual(givenBack);
});
