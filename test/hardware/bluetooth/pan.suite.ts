import assert from 'node:assert/strict';
import { hosts, Internet } from '../guest/internet.ts';
import { GuestNode, quick } from '../guest/node.ts';
import { PacketStream } from '../guest/stream.ts';
import { suite } from '../guest/suite.ts';
import { BluetoothPhone, notThePhonesEnd } from './phone.ts';

/** A phone that shares its way out by Bluetooth, beside a cable. */
await suite(async (test) => {
  const internet = await Internet.create();
  const cable = await internet.connect('cable0', 1, 100);
  const phone = await BluetoothPhone.pair(await internet.provider('phone', 61));
  await using node = new GuestNode(`${quick}\n${notThePhonesEnd}\n[bluetoothPan]\nconnect = ["${phone.address}"]\n`);
  await node.start();
  await node.untilActive('cable0');
  let link = '';

  const connect = async (): Promise<string> => {
    const asked = performance.now();
    link = await phone.connected(60_000);
    const called = Math.round(performance.now() - asked);
    const began = performance.now();
    const { interfaces } = await node.until(
      (status) => status.interfaces.some((one) => one.name === link && one.candidate && one.reachable.ipv4),
      `${link} is a candidate that is reachable`,
      40_000,
    );
    const took = Math.round(performance.now() - began);
    const found = interfaces.find(({ name }) => name === link);
    assert.equal(found?.type, 'bluetoothPan');
    assert.match(found.ipv4Addresses[0]?.address ?? '', /^10\.61\.0\./u);
    return `${link}, ${found.evidence}, called after ${called} ms, a candidate ${took} ms later`;
  };
  await test(
    'a paired phone is called, and becomes an uplink of the right type with an address that backhauld has leased',
    connect,
    { timeoutMs: 100_000 },
  );
  await test('it carries the traffic when the cable is pulled', async () => {
    const stream = await PacketStream.start(hosts.far);
    await cable.pull();
    const took = await node.untilActive(link);
    const { gapMs } = await stream.end();
    assert.ok(gapMs <= 2000, `a gap of ${gapMs} ms`);
    return `after ${took} ms, longest gap ${gapMs} ms`;
  });
  await test('it goes while it carries the traffic: it is left at once, and nothing of it stays', async () => {
    await node.daemon.pin(link);
    await cable.plug();
    await node.untilReachable('cable0');
    const stream = await PacketStream.start(hosts.far);
    await phone.disconnect();
    const took = await node.untilActive('cable0');
    const { gapMs } = await stream.end();
    await node.daemon.pin(null);
    const gone = await node.until(({ interfaces }) => interfaces.every(({ name }) => name !== link), `${link} is gone`);
    assert.deepEqual(gone.tethers, []);
    assert.ok(gapMs <= 2000, `a gap of ${gapMs} ms`);
    return `after ${took} ms, longest gap ${gapMs} ms`;
  });
  await test('it is called again, and used again', connect, { timeoutMs: 100_000 });
  await test('the daemon gives the network back as it was', async () => {
    await phone.disconnect();
    await node.until(({ interfaces }) => interfaces.every(({ name }) => name !== link), `${link} is gone`);
    assert.deepEqual(await node.stop(), { code: 0, left: [] });
  });
});
