import assert from 'node:assert/strict';
import type { Status } from '../../../src/model/status.ts';
import { hosts, Internet } from '../guest/internet.ts';
import { loadModules } from '../guest/machine.ts';
import { GuestNode, quick } from '../guest/node.ts';
import { PacketStream } from '../guest/stream.ts';
import { suite } from '../guest/suite.ts';
import { SerialModem } from './serial-modem.ts';
import { ToldModem } from './told-modem.ts';
import { UsbModem } from './usb-modem.ts';

/** Modems beside a cable: one on a serial line by chat and pppd, one on USB by QMI. */
await suite(async (test) => {
  await loadModules('ppp_generic', 'ppp_async');
  await UsbModem.prepare();
  const internet = await Internet.create();
  const cable = await internet.connect('cable0', 1, 100);
  const carrier = await internet.provider('carrier', 51);
  await using node = new GuestNode(`${quick}\n[interfaces]\ninclude = ["cable0", "ppp*", "ww*"]\n`);
  await node.start();
  await node.untilActive('cable0');

  const serial = await SerialModem.plug(carrier, ['100.64.2.1', '100.64.2.2']);
  await test('PPP: dialled, ppp0 is an LTE uplink with the address that pppd has got, and needs no gateway', async () => {
    const began = performance.now();
    await serial.dial();
    const dialled = performance.now();
    const { interfaces } = await node.untilReachable('ppp0');
    const found = interfaces.find(({ name }) => name === 'ppp0');
    assert.equal(found?.type, 'lteModem');
    assert.deepEqual(
      found.ipv4Addresses.map(({ address, peer }) => ({ address, peer })),
      [{ address: '100.64.2.2', peer: '100.64.2.1' }],
    );
    assert.equal(found.gateways.ipv4, null);
    assert.equal(found.candidate, true);
    const took = Math.round(performance.now() - dialled);
    return `${found.evidence}; dialled in ${Math.round(dialled - began)} ms, reachable ${took} ms later`;
  });
  await test('PPP: it carries the traffic when the cable is pulled', async () => {
    const stream = await PacketStream.start(hosts.far);
    await cable.pull();
    const took = await node.untilActive('ppp0');
    const { gapMs } = await stream.end();
    assert.ok(gapMs <= 2000, `a gap of ${gapMs} ms`);
    return `after ${took} ms, longest gap ${gapMs} ms`;
  });
  await test('PPP: it falls silent with its link up, and is left', async () => {
    await node.daemon.pin('ppp0');
    await cable.plug();
    await node.untilReachable('cable0');
    const stream = await PacketStream.start(hosts.far);
    serial.silence();
    const took = await node.untilActive('cable0');
    const { gapMs } = await stream.end();
    serial.recover();
    assert.ok(gapMs <= 5000, `a gap of ${gapMs} ms`);
    return `after ${took} ms, longest gap ${gapMs} ms`;
  });
  await test('PPP: the provider hangs up while it carries the traffic: it is left at once', async () => {
    await node.untilActive('ppp0', 60_000);
    const stream = await PacketStream.start(hosts.far);
    await serial.hangUp();
    const took = await node.untilActive('cable0');
    const { gapMs } = await stream.end();
    await node.daemon.pin(null);
    await node.until(({ interfaces }) => interfaces.every(({ name }) => name !== 'ppp0'), 'ppp0 is gone');
    await serial.unplug();
    assert.ok(gapMs <= 2000, `a gap of ${gapMs} ms`);
    return `after ${took} ms, longest gap ${gapMs} ms`;
  });

  const ends = ['100.64.3.1', '100.64.3.2'] as const;
  let stick = await UsbModem.plug(carrier);
  const told = new ToldModem(stick.link);
  await test('QMI: connected, it is an LTE uplink by its driver, on a link without a gateway', async () => {
    await stick.connect(carrier, ends);
    const began = performance.now();
    const { interfaces } = await node.untilReachable(stick.link);
    const found = interfaces.find(({ name }) => name === stick.link);
    assert.equal(found?.type, 'lteModem');
    assert.equal(found.driver, 'qmi_wwan');
    assert.equal(found.gateways.ipv4, null);
    const flags = await stick.flags();
    assert.match(flags, /POINTOPOINT/u);
    assert.match(flags, /NOARP/u);
    const took = Math.round(performance.now() - began);
    return `${stick.link}, ${found.evidence}, ${flags}, reachable after ${took} ms`;
  });
  await test('QMI: it carries the traffic when the cable is pulled', async () => {
    const stream = await PacketStream.start(hosts.far);
    await cable.pull();
    const took = await node.untilActive(stick.link);
    const { gapMs } = await stream.end();
    assert.ok(gapMs <= 2000, `a gap of ${gapMs} ms`);
    return `after ${took} ms, longest gap ${gapMs} ms`;
  });
  await test(
    'HLTH-6: what ModemManager tells is shown, and when the signal falls the uplink is probed at once',
    async () => {
      const modemOf = ({ interfaces }: Status) => interfaces.find(({ name }) => name === stick.link)?.modem;
      const probed = async (): Promise<number> => {
        const { interfaces } = await node.daemon.status();
        return interfaces.find(({ name }) => name === stick.link)?.stats.ipv4.totalProbes ?? 0;
      };
      const before = await node.until((status) => modemOf(status)?.signalPercent === 67, 'a signal of 67 %', 40_000);
      assert.deepEqual(modemOf(before), { state: 'connected', accessTechnology: 'lte', signalPercent: 67 });
      console.log(await node.command('status'));
      const began = [await probed(), performance.now()] as const;
      told.tell(12);
      await node.until((status) => modemOf(status)?.signalPercent === 12, 'a signal of 12 %', 40_000);
      const calm = ((await probed()) - began[0]) / ((performance.now() - began[1]) / 1000);
      const fell = [await probed(), performance.now()] as const;
      await new Promise((resolve) => setTimeout(resolve, 2000));
      const busy = ((await probed()) - fell[0]) / ((performance.now() - fell[1]) / 1000);
      assert.ok(busy >= 1.5 * calm, `${calm.toFixed(1)} probes a second before, ${busy.toFixed(1)} after`);
      return `${calm.toFixed(1)} probes a second before, ${busy.toFixed(1)} after`;
    },
    { timeoutMs: 90_000 },
  );
  await test('QMI: pulled out while it carries the traffic, it is left at once; plugged in again, it is used again', async () => {
    const { link } = stick;
    await node.daemon.pin(link);
    await cable.plug();
    await node.untilReachable('cable0');
    const stream = await PacketStream.start(hosts.far);
    await stick.unplug();
    const took = await node.untilActive('cable0');
    const { gapMs } = await stream.end();
    await node.until(({ interfaces }) => interfaces.every(({ name }) => name !== link), `${link} is gone`);
    await node.daemon.pin(null);
    assert.ok(gapMs <= 2000, `a gap of ${gapMs} ms`);
    stick = await UsbModem.plug(carrier);
    await stick.connect(carrier, ends);
    await node.untilReachable(stick.link);
    return `after ${took} ms, longest gap ${gapMs} ms`;
  });
  await test('QMI: it falls silent with its link up, and is left', async () => {
    await cable.pull();
    await node.untilActive(stick.link);
    await node.daemon.pin(stick.link);
    await cable.plug();
    await node.untilReachable('cable0');
    const stream = await PacketStream.start(hosts.far);
    await stick.silence(carrier);
    const took = await node.untilActive('cable0');
    const { gapMs } = await stream.end();
    await node.daemon.pin(null);
    assert.ok(gapMs <= 5000, `a gap of ${gapMs} ms`);
    return `after ${took} ms, longest gap ${gapMs} ms`;
  });
  await test('the daemon gives the network back as it was', async () => {
    await stick.unplug();
    await node.until(({ interfaces }) => interfaces.every(({ name }) => name !== stick.link), 'it is gone');
    assert.deepEqual(await node.stop(), { code: 0, left: [] });
  });
});
