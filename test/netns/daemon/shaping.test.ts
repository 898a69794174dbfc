import { afterEach, beforeEach, expect, test } from 'vitest';
import { givenBack, quick, Site } from './site.ts';

let site: Site;
beforeEach(async () => {
  site = await Site.create();
});
afterEach(async () => {
  await site[Symbol.asyncDispose]();
});

/** The kinds of the queues of a link, the root's first. */
const queuesOf = async (name: string): Promise<readonly string[]> => {
  const shown = JSON.parse(await site.node.exec('tc', ['-j', 'qdisc', 'show'])) as readonly {
    readonly kind: string;
    readonly dev: string;
  }[];
  return shown.filter(({ dev }) => dev === name).map(({ kind }) => kind);
};

test('QOS-1: the tree comes with the hotspot, and goes with it', async () => {
  await site.node.ip('link add br-hs type bridge', 'link set br-hs up');
  await site.start(
    `${quick}\n[hotspot]\nenabled = true\ninterface = "br-hs"\n[hotspot.qos]\nmaxBandwidth = "50 Mbit/s"\n`,
  );
  expect(await queuesOf('br-hs')).toEqual(['noqueue']);
  expect(await site.backhauld('hotspot', 'on')).toMatchObject({ code: 0 });
  await site.until(({ hotspot }) => hotspot?.state === 'active', 'the hotspot is there', 15_000);
  await expect.poll(async () => queuesOf('br-hs'), { timeout: 15_000 }).toHaveLength(4);
  await site.untilDone();
  expect(await site.node.exec('tc', ['class', 'show', 'dev', 'br-hs'])).toContain('ceil 50Mbit');
  expect(await site.node.exec('nft', ['list', 'table', 'inet', 'backhauld_qos'])).toContain('oifname "br-hs"');
  expect(await site.backhauld('hotspot', 'off')).toMatchObject({ code: 0 });
  await site.until(({ hotspot }) => hotspot?.state === 'inactive', 'the hotspot is gone', 15_000);
  await expect.poll(async () => queuesOf('br-hs'), { timeout: 15_000 }).toEqual(['noqueue']);
  expect(await site.stop()).toEqual(givenBack);
});

test('TETH-5: an uplink whose budget is used up is slowed down, and is not any more when it is set back', async () => {
  const policy = '{ kind = "metered", budget = "20 KB", atLimit = "throttle", throttleRate = "256 kbit/s" }';
  await site.start(`${quick}\n[[uplink]]\nmatch = "eth0"\npolicy = ${policy}\n`);
  await site.node.exec('ping', ['-q', '-c', '30', '-i', '0.01', '-s', '1400', '192.168.101.1']);
  await expect.poll(async () => queuesOf('eth0'), { timeout: 15_000 }).toHaveLength(3);
  await site.untilDone();
  expect(await site.node.exec('tc', ['class', 'show', 'dev', 'eth0'])).toContain('ceil 256Kbit');
  expect(await site.node.exec('nft', ['list', 'table', 'inet', 'backhauld_qos'])).toContain(
    'limit rate over 32000 bytes/second',
  );
  expect(await site.backhauld('budget', 'reset', 'eth0')).toMatchObject({ code: 0 });
  await expect.poll(async () => queuesOf('eth0'), { timeout: 15_000 }).toEqual(['noqueue']);
  expect(await site.stop()).toEqual(givenBack);
});
