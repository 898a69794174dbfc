import assert from 'node:assert/strict';
import { suite } from '../guest/suite.ts';
import { AccessPoint } from './access-point.ts';
import { Air } from './air.ts';
import { createRadios } from './radios.ts';
import { Station, type Network } from './station.ts';

/** What the other suites stand on, tried with no daemon: a real access point, real stations, who listens. */
await suite(async (test) => {
  await createRadios(4, 'DE');
  const plan = { ssid: 'Home', key: 'home-password', channel: 6, network: '10.5.0' };
  const accessPoint = await AccessPoint.create('home', 0, plan);
  const [one, two] = [await Station.create('one', 1), await Station.create('two', 2)];
  const air = await Air.create(3);
  const network: Network = { ssid: plan.ssid, key: plan.key, security: 'wpa2', channels: [6] };

  await test('nothing is heard before the access point is on air', async () => {
    assert.equal(await air.has('Home', 6), false);
  });
  await test('the access point is heard', async () => {
    await accessPoint.open();
    await air.until('Home', 6, 5000);
  });
  await test('a station joins by WPA2, and has an address', async () => {
    await one.join(network);
    assert.match((await one.lease()).address, /^10\.5\.0\./u);
    assert.ok(await one.reaches('10.5.0.1'));
  });
  await test('a station joins by SAE, and has an address', async () => {
    await two.join({ ...network, security: 'wpa3' });
    assert.match((await two.lease()).address, /^10\.5\.0\./u);
    assert.ok(await two.reaches('10.5.0.1'));
  });
  await test('a wrong key is refused by WPA2', async () => {
    await one.leave();
    const told = await one.isRefused({ ...network, key: 'wrong-password' });
    await one.leave();
    assert.match(told, /WRONG_KEY/u);
    return told;
  });
  await test('a wrong key is refused by SAE', async () => {
    await two.leave();
    const told = await two.isRefused({ ...network, key: 'wrong-password', security: 'wpa3' });
    await two.leave();
    return told;
  });
  await test('nothing is heard when the access point is gone', async () => {
    await accessPoint.close();
    await air.untilSilent('Home', 6, 5000);
  });
});
