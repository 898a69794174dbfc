import assert from 'node:assert/strict';
import { hosts } from '../guest/internet.ts';
import { suite } from '../guest/suite.ts';
import { Air } from './air.ts';
import { allowanceMs, hotspotNode, ssid } from './hotspot.ts';
import { moveInto } from './own-network.ts';
import { Station } from './station.ts';

/** One radio as station and access point at once. */
await suite(async (test) => {
  const { accessPoint } = await moveInto(4);
  const phone = await Station.create('phone', 2);
  const air = await Air.create(3);
  await using node = hotspotNode({ uplinks: ['wlan0'] });
  await node.start();
  await node.untilActive('wlan0');

  await test("AP-1: the access point stands beside the station, on the station's channel", async () => {
    await node.command('hotspot', 'on');
    await node.untilHotspot('active');
    const { hotspot, active } = await node.daemon.status();
    assert.equal(hotspot?.placement, 'beside');
    assert.equal(hotspot?.channel, 6);
    assert.equal(active.ipv4?.iface, 'wlan0');
    await air.until(ssid, 6, allowanceMs);
  });
  await test("AP-2: a phone reaches the internet by the station's network", async () => {
    await phone.join({ ssid, key: await node.key(), security: 'wpa3', channels: [6, 1] });
    await phone.lease();
    assert.equal(await phone.reaches(hosts.far), true);
  });
  await test("AP-1: the station's network moves to another channel: the access point follows, the phone with it", async () => {
    await accessPoint.move(1);
    await node.until(
      ({ hotspot }) => hotspot?.channel === 1 && hotspot.state === 'active',
      'it is on channel 1',
      30_000,
    );
    const took = await air.until(ssid, 1, 20_000);
    assert.equal(await phone.isConnected(), true);
    // Its supplicant has given the network up for a while.
    await node.untilActive('wlan0', 40_000);
    assert.equal(await phone.reaches(hosts.far), true);
    return `a beacon ${took} ms after that, ${phone.drops} times thrown out`;
  });
  await test('AP-1: its network is lost, and the hotspot stays by itself', async () => {
    await node.command('hotspot', 'auto');
    await accessPoint.close();
    await node.untilActive(null, 30_000);
    await node.untilHotspot('active', 1000 + allowanceMs);
  });
  await test('AP-1: its network is back: the station finds it, and the hotspot is gone', async () => {
    await phone.leave();
    const began = performance.now();
    await accessPoint.open();
    await node.untilActive('wlan0', 60_000);
    const found = Math.round(performance.now() - began);
    await node.untilHotspot('inactive', 2000 + allowanceMs);
    await air.untilSilent(ssid, 1, allowanceMs);
    return `an uplink after ${found} ms, gone after ${Math.round(performance.now() - began)} ms`;
  });
  await test('AP-3: at the end nothing is left', async () => {
    assert.deepEqual(await node.stop(), { code: 0, left: [] });
  });
});
