import assert from 'node:assert/strict';
import { farName, hosts, Internet } from '../guest/internet.ts';
import type { GivenLease } from '../guest/dhcp.ts';
import { suite, until } from '../guest/suite.ts';
import { Air } from './air.ts';
import { allowanceMs, channel, hotspotNode, ssid } from './hotspot.ts';
import { createRadios } from './radios.ts';
import { Station, type Network } from './station.ts';

/** What people with phones have of the hotspot. It takes two clients here, so that the third is one too many. */
await suite(async (test) => {
  await createRadios(5, 'DE');
  const internet = await Internet.create();
  const cable = await internet.connect('cable0', 1, 100);
  const [one, two, three] = [
    await Station.create('one', 1),
    await Station.create('two', 2),
    await Station.create('three', 3),
  ];
  const air = await Air.create(4);
  await using node = hotspotNode({ uplinks: ['cable0'], maxClients: 2 });
  await node.start();
  await node.untilActive('cable0');
  let wpa2: Network = { ssid, key: '', security: 'wpa2', channels: [channel] };
  let wpa3: Network = { ...wpa2, security: 'wpa3' };
  const leases = new Map<Station, GivenLease>();
  const leaseOf = (station: Station): GivenLease => leases.get(station) ?? { address: '', router: '', dns: '' };

  await test('AP-1: while an uplink is reachable there is no hotspot', async () => {
    assert.equal((await node.daemon.status()).hotspot?.state, 'inactive');
    assert.equal(await air.has(ssid, channel), false);
  });
  await test('AP-1: the uplink is lost: a beacon is on air within startAfter + 8 s', async () => {
    await cable.pull();
    const took = await air.until(ssid, channel, 1000 + allowanceMs);
    await node.untilHotspot('active');
    return `after ${took} ms`;
  });
  await test('a key is on the QR code, and easy to type', async () => {
    const key = await node.key();
    assert.match(key, /^[a-z2-9]{4}(?:-[a-z2-9]{4}){3}$/u);
    wpa2 = { ...wpa2, key };
    wpa3 = { ...wpa3, key };
  });
  await test('AP-2: a phone joins by WPA2 and is given an address', async () => {
    await one.join(wpa2);
    leases.set(one, await one.lease());
    assert.match(leaseOf(one).address, /^192\.168\.50\.(?:1\d\d|200)$/u);
  });
  await test('AP-2: a phone joins by SAE and is given an address', async () => {
    await two.join(wpa3);
    leases.set(two, await two.lease());
    assert.match(leaseOf(two).address, /^192\.168\.50\.(?:1\d\d|200)$/u);
    assert.notEqual(leaseOf(two).address, leaseOf(one).address);
    await node.untilClients(2);
  });
  await test('SECU-2: one client more than maxClients is refused', async () => {
    const told = await three.isRefused(wpa2);
    await three.leave();
    assert.match(told, /status_code=17/u);
    return told;
  });
  await test('SECU-2: clients reach the node, and not each other', async () => {
    assert.equal(await one.reaches(leaseOf(one).router), true);
    assert.equal(await two.reaches(leaseOf(two).router), true);
    assert.equal(await one.reaches(leaseOf(two).address), false);
    assert.equal(await two.reaches(leaseOf(one).address), false);
  });
  await test('AP-4: with no way out the node answers for its own name', async () => {
    assert.deepEqual(await one.resolves('lab-node.local', leaseOf(one).dns), [leaseOf(one).router]);
  });
  await test('AP-1: an operator who wants the hotspot keeps it while there is a way out', async () => {
    await node.command('hotspot', 'on');
    await cable.plug();
    await node.untilActive('cable0');
    await node.untilHotspot('active');
  });
  await test('AP-2: clients of both kinds reach the internet by NAT, and resolve a name', async () => {
    // The rules of the hotspot follow the routes, by a program that has to be started.
    await until(() => one.reaches(hosts.far), 'the way out is there for clients');
    for (const station of [one, two]) {
      assert.equal(await station.reaches(hosts.far), true);
      assert.deepEqual(await station.resolves(farName, leaseOf(station).dns), [hosts.far]);
    }
    assert.deepEqual([one.drops, two.drops], [0, 0]);
  });
  await test('SECU-1: a wrong key is refused by WPA2', async () => {
    await one.leave();
    const told = await one.isRefused({ ...wpa2, key: 'not-the-key' });
    await one.leave();
    assert.match(told, /WRONG_KEY/u);
    return told;
  });
  await test('SECU-1: a wrong key is refused by SAE', async () => {
    await two.leave();
    const told = await two.isRefused({ ...wpa3, key: 'not-the-key' });
    await two.leave();
    return told;
  });
  await test('AP-1: left to itself with a way out, it is gone within stopAfter + 8 s', async () => {
    await node.command('hotspot', 'auto');
    const took = await air.untilSilent(ssid, channel, 2000 + allowanceMs);
    await node.untilHotspot('inactive');
    return `after ${took} ms`;
  });
  await test('AP-3: at the end nothing is left: no process, no address, no rule, no file', async () => {
    assert.deepEqual(await node.stop(), { code: 0, left: [] });
  });
});
