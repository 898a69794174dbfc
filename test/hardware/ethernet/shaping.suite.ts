import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Namespace } from '../../../lab/namespace.ts';
import { run, Service } from '../../../lab/process.ts';
import { Internet, ip } from '../guest/internet.ts';
import { linkWithAddress, untilLink } from '../guest/links.ts';
import { loadModules, options } from '../guest/machine.ts';
import { GuestNode, quick } from '../guest/node.ts';
import { suite, until } from '../guest/suite.ts';

interface Qdisc {
  readonly kind: string;
  readonly handle: string;
  readonly dev: string;
  readonly parent?: string;
  readonly root?: true;
}

interface Arrived {
  readonly arrivedPercent: number;
  readonly kbitPerSecond: number;
  readonly medianDelayMs: number;
}

const agent = join(options.project, 'test/netns/shaping/traffic.ts');
const [bulkPort, controlPort] = [6001, 6002];

/** A kernel that has fq_codel, and a real network card, whose own queues are not "noqueue". */
await suite(async (test) => {
  await loadModules('e1000', 'virtio_net');
  const card = await untilLink(() => linkWithAddress('52:54:00:00:01:01'), 'the card is there');
  const far = await untilLink(() => linkWithAddress('52:54:00:00:01:02'), 'the far end is there');
  const internet = await Internet.create();
  const client = await Namespace.create('client');
  await using node = new GuestNode(
    `${quick}\n[interfaces]\ninclude = ["${card}"]\n[relayQos]\nenabled = true\nrelayMax = "1 Mbit/s"\nnodeMin = "200 kbit/s"\n`,
  );
  await run('ip', ['link', 'set', far, 'netns', internet.namespace.name]);
  await internet.namespace.ip(`address add 10.1.0.1/24 dev ${far}`, `link set ${far} up`);
  await ip(`address add 10.1.0.2/24 dev ${card}`, `link set ${card} up`);
  await ip(`route add default via 10.1.0.1 dev ${card} metric 100`);
  await run('ip', ['link', 'add', 'ap0', 'type', 'veth', 'peer', 'name', 'eth9', 'netns', 'client']);
  await ip('address add 192.168.50.1/24 dev ap0', 'link set ap0 up');
  await client.ip('address add 192.168.50.2/24 dev eth9', 'link set eth9 up', 'route add default via 192.168.50.1');
  await internet.namespace.ip('route add 192.168.50.0/24 via 10.1.0.2');
  await run('sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
  const qdiscs = async (): Promise<readonly Qdisc[]> => {
    const shown = JSON.parse(await run('tc', ['-j', 'qdisc', 'show'])) as readonly Qdisc[];
    return shown.filter(({ dev }) => dev === card);
  };
  const before = await qdiscs();
  await node.start();

  await test('QOS-2: the tree stands on the card, with fq_codel below each class', async () => {
    await node.untilActive(card);
    await until(
      async () => (await node.daemon.plan()).length === 0 && (await qdiscs()).length === 3,
      'the tree is there',
    );
    const now = await qdiscs();
    assert.deepEqual(
      now.map(({ kind }) => kind),
      ['htb', 'fq_codel', 'fq_codel'],
    );
    return `before it: ${before.map(({ kind, handle }) => `${kind} ${handle}`).join(', ')}`;
  });
  await test("QOS-2: the node's own traffic keeps its rate and its delay beside what it relays", async () => {
    const receiver = internet.namespace.spawn(process.execPath, [agent, 'receive', `${bulkPort}`, `${controlPort}`]);
    await receiver.line((line) => line === 'ready');
    const count = async (port: number, packets: number): Promise<Readonly<Record<number, Arrived>>> => {
      const line = receiver.line((one) => one.startsWith('{'), 30_000);
      receiver.write(`${port} ${packets}\n`);
      return JSON.parse(await line) as Readonly<Record<number, Arrived>>;
    };
    // Slow: on an emulated processor a program that sends more is what holds packets back.
    const bulk = client.spawn(process.execPath, [agent, ...`send 10.1.0.1 ${bulkPort} 5001 2000 1200`.split(' ')]);
    await bulk.line((line) => line === 'sending');
    await count(bulkPort, 100);
    const own = new Service(process.execPath, [agent, ...`send 10.1.0.1 ${controlPort} 5002 100 200`.split(' ')]);
    await own.line((line) => line === 'sending');
    const arrived = await count(controlPort, 200);
    await Promise.all([bulk.end(), own.end(), receiver.end()]);
    const control = arrived[controlPort];
    assert.ok((control?.arrivedPercent ?? 0) >= 95, JSON.stringify(arrived));
    // How long a packet takes says as much of the emulation as of the queues: one is compared with the other.
    const delayed = arrived[bulkPort]?.medianDelayMs ?? 0;
    assert.ok((control?.medianDelayMs ?? delayed) < delayed / 3, JSON.stringify(arrived));
    return JSON.stringify(arrived);
  });
  await test('QOS-2: the daemon gives the card its own queue back', async () => {
    assert.deepEqual(await node.stop(), { code: 0, left: [] });
    const kindsOf = (all: readonly Qdisc[]): readonly string[] => all.map(({ kind, handle }) => `${kind} ${handle}`);
    assert.deepEqual(kindsOf(await qdiscs()), kindsOf(before));
  });
});
