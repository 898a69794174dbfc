import assert from 'node:assert/strict';
import { run } from '../../../lab/process.ts';
import { hosts, Internet, ip } from '../guest/internet.ts';
import { linkWithAddress, untilLink } from '../guest/links.ts';
import { loadModules, MachineMonitor } from '../guest/machine.ts';
import { GuestNode, quick } from '../guest/node.ts';
import { PacketStream } from '../guest/stream.ts';
import { suite } from '../guest/suite.ts';

/** A real network card whose cable is pulled, and a second way out. */
await suite(async (test) => {
  await loadModules('e1000', 'virtio_net');
  const monitor = await MachineMonitor.open();
  const card = await untilLink(() => linkWithAddress('52:54:00:00:01:01'), 'the card is there');
  const far = await untilLink(() => linkWithAddress('52:54:00:00:01:02'), 'the far end is there');
  const internet = await Internet.create();
  await using node = new GuestNode(`${quick}\n[interfaces]\ninclude = ["${card}", "spare0"]\n`);
  await run('ip', ['link', 'set', far, 'netns', internet.namespace.name]);
  await internet.namespace.ip(`address add 10.1.0.1/24 dev ${far}`, `link set ${far} up`);
  await ip(`address add 10.1.0.2/24 dev ${card}`, `link set ${card} up`);
  await ip(`route add default via 10.1.0.1 dev ${card} metric 100`);
  await internet.connect('spare0', 2, 200);
  await node.start();

  await test('a card is known as Ethernet by its driver, and its cable carries the traffic', async () => {
    await node.untilActive(card);
    const status = await node.untilReachable('spare0');
    const found = status.interfaces.find(({ name }) => name === card);
    assert.equal(found?.type, 'ethernet');
    assert.equal(found?.driver, 'e1000');
    return found?.evidence;
  });
  await test('the cable is pulled: traffic goes on by the other uplink', async () => {
    const stream = await PacketStream.start(hosts.far);
    await monitor.setLink('card', false);
    const switched = await node.untilActive('spare0');
    const { gapMs, lost } = await stream.end();
    assert.ok(gapMs <= 2000, `a gap of ${gapMs} ms`);
    return `seen after ${switched} ms, longest gap ${gapMs} ms, ${lost} packets lost`;
  });
  await test('the cable is back: it is the active uplink again, and nothing is lost', async () => {
    const stream = await PacketStream.start(hosts.far);
    await monitor.setLink('card', true);
    const switched = await node.untilActive(card, 30_000);
    const { gapMs, lost } = await stream.end();
    assert.ok(gapMs <= 500, `a gap of ${gapMs} ms`);
    return `active after ${switched} ms, longest gap ${gapMs} ms, ${lost} packets lost`;
  });
  await test('the daemon gives the network back as it was', async () => {
    assert.deepEqual(await node.stop(), { code: 0, left: [] });
  });
});
