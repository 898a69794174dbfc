import assert from 'node:assert/strict';
import { suite } from '../guest/suite.ts';
import { Air } from './air.ts';
import { allowanceMs, channel, hotspotNode, ssid } from './hotspot.ts';
import { moveInto } from './own-network.ts';
import { hideCombinations } from './radios.ts';
import { Station } from './station.ts';

/** A radio that cannot be station and access point at once, and is the node's only uplink. */
await suite(async (test) => {
  await hideCombinations();
  const { accessPoint } = await moveInto(4);
  const phone = await Station.create('phone', 2);
  const air = await Air.create(3);
  await using node = hotspotNode({ uplinks: ['wlan0'], more: 'searchInterval = "10s"\nsearchFor = "15s"' });
  await node.start();
  await node.untilActive('wlan0');

  await test('AP-1: while it is an uplink, the radio is left to its network', async () => {
    assert.equal((await node.daemon.status()).hotspot?.state, 'inactive');
  });
  await test('AP-1: its network is lost: the radio is given to the access point', async () => {
    await accessPoint.close();
    const lost = await node.untilActive(null, 30_000);
    const took = await air.until(ssid, channel, 1000 + allowanceMs);
    await node.untilHotspot('active');
    assert.equal((await node.daemon.status()).hotspot?.placement, 'alone');
    return `a beacon ${took} ms after the uplink was lost, which took ${lost} ms`;
  });
  await test('AP-1: while a client is connected, the radio does not go and look for its network', async () => {
    await phone.join({ ssid, key: await node.key(), security: 'wpa2', channels: [channel] });
    await node.untilClients(1);
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    assert.equal(phone.drops, 0);
    assert.equal(await phone.isConnected(), true);
    await phone.leave();
  });
  await test(
    'AP-1: its network is back: the radio looks for it, finds it, and the hotspot is gone',
    async () => {
      await accessPoint.open();
      const took = await node.untilActive('wlan0', 90_000);
      await node.untilHotspot('inactive', 2000 + allowanceMs);
      await air.untilSilent(ssid, channel, allowanceMs);
      return `an uplink after ${took} ms`;
    },
    { timeoutMs: 120_000 },
  );
  await test('AP-3: at the end nothing is left', async () => {
    assert.deepEqual(await node.stop(), { code: 0, left: [] });
  });
});
