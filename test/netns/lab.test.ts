import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLab, type Lab } from '../../lab/lab.ts';
import { listNamespaces } from '../../lab/namespace.ts';

interface RouteJson {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev: string;
  readonly metric?: number;
}

const routes = async (lab: Lab, ...args: readonly string[]): Promise<readonly RouteJson[]> =>
  JSON.parse(await lab.node.exec('ip', ['-j', ...args])) as RouteJson[];
const mainDefaults = (lab: Lab) => routes(lab, '-4', 'route', 'show', 'default', 'table', 'main');
/** One answer is enough, and a lost packet no reason to give up: five a second are sent until then. */
const answersWithin = (lab: Lab, seconds: number, ...args: readonly string[]): Promise<boolean> =>
  lab.node.exec('ping', ['-c', '1', '-i', '0.2', '-w', String(seconds), ...args]).then(
    () => true,
    () => false,
  );
const answers = (lab: Lab, ...args: readonly string[]) => answersWithin(lab, 5, ...args);
const isSilent = async (lab: Lab, ...args: readonly string[]) => !(await answersWithin(lab, 1, ...args));

describe('the virtual node', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await createLab();
  });
  afterAll(async () => {
    await lab.close();
  });

  test('has three uplinks whose addresses and default routes come from DHCP, each with its own metric', async () => {
    const defaults = await mainDefaults(lab);
    expect(defaults.map(({ dev, gateway, metric }) => [dev, gateway, metric])).toEqual([
      ['eth0', '192.168.101.1', 100],
      ['wlan0', '192.168.102.1', 200],
      ['wwan0', '192.168.103.1', 300],
    ]);
  });

  test('has IPv6 by router advertisement on two of them', async () => {
    const defaults = await routes(lab, '-6', 'route', 'show', 'default');
    expect(defaults.map(({ dev }) => dev).toSorted()).toEqual(['eth0', 'wlan0']);
  });

  test('reaches every target through every uplink', async () => {
    const ways = [
      ...['eth0', 'wlan0', 'wwan0'].flatMap((name) => ['1.1.1.1', '8.8.8.8'].map((target) => [name, target])),
      ...['eth0', 'wlan0'].flatMap((name) => ['2606:4700:4700::1111', '2001:4860:4860::8888'].map((t) => [name, t])),
    ];
    const answered = await Promise.all(ways.map(([name = '', target = '']) => answers(lab, '-I', name, target)));
    expect(answered).toEqual(ways.map(() => true));
  });

  test('answers DNS on the targets', async () => {
    const script = `const {Resolver} = require('node:dns').promises; const r = new Resolver(); r.setServers(['1.1.1.1']);
      r.resolve4('far.example').then((a) => console.log(a.join()))`;
    expect((await lab.node.exec(process.execPath, ['-e', script])).trim()).toBe('203.0.113.10');
  });

  test('loses the carrier, and nothing else, when a cable is pulled', async () => {
    const uplink = lab.uplink('wlan0');
    await uplink.pull();
    await uplink.untilCarrier(false);
    expect(await lab.node.exec('ip', ['-br', 'address', 'show', 'dev', 'wlan0'])).toMatch(/DOWN.* 192\.168\.102\./u);
    await uplink.plug();
    await uplink.untilCarrier(true);
    expect(await answers(lab, '-I', 'wlan0', '1.1.1.1')).toBe(true);
    expect(await answers(lab, '-I', 'wlan0', '2606:4700:4700::1111')).toBe(true);
  });

  test('a black hole hides the internet and not the router', async () => {
    const uplink = lab.uplink('wwan0');
    await uplink.blackhole(true);
    expect(await isSilent(lab, '-I', 'wwan0', '1.1.1.1')).toBe(true);
    expect(await answers(lab, '-I', 'wwan0', uplink.gateway)).toBe(true);
    await uplink.blackhole(false);
    expect(await answers(lab, '-I', 'wwan0', '1.1.1.1')).toBe(true);
  });

  test('a dead target is dead through every uplink, and the other one is not', async () => {
    const target = lab.target('1.1.1.1');
    await target.kill();
    expect(await isSilent(lab, '-I', 'eth0', '1.1.1.1')).toBe(true);
    expect(await isSilent(lab, '-I', 'wwan0', '1.1.1.1')).toBe(true);
    expect(await answers(lab, '-I', 'eth0', '8.8.8.8')).toBe(true);
    await target.revive();
    expect(await answers(lab, '-I', 'eth0', '1.1.1.1')).toBe(true);
  });

  test('an interface that goes down administratively loses its routes, and has them back after a renewal', async () => {
    const uplink = lab.uplink('wlan0');
    await uplink.adminDown();
    expect((await mainDefaults(lab)).map(({ dev }) => dev)).toEqual(['eth0', 'wwan0']);
    await uplink.adminUp();
    expect((await mainDefaults(lab)).map(({ dev }) => dev)).toEqual(['eth0', 'wlan0', 'wwan0']);
  });

  test('a flushed address takes its routes along', async () => {
    const uplink = lab.uplink('wlan0');
    await uplink.flushAddress();
    expect((await mainDefaults(lab)).map(({ dev }) => dev)).toEqual(['eth0', 'wwan0']);
    await uplink.renew();
    await uplink.untilReady('ipv4');
  });

  test('a renumbered LAN shows when the lease is renewed', async () => {
    const uplink = lab.uplink('wwan0');
    await uplink.renumber();
    expect(await isSilent(lab, '-I', 'wwan0', '1.1.1.1')).toBe(true);
    await uplink.renew();
    expect(await answers(lab, '-I', 'wwan0', '1.1.1.1')).toBe(true);
    expect(uplink.gateway).toBe('192.168.203.1');
  });

  test('two labs stand side by side', async () => {
    await using other = await createLab({ uplinks: [{ name: 'eth0', number: 101, metric: 100, hasIpv6: false }] });
    expect(other.node.name).not.toBe(lab.node.name);
    expect(await answers(other, '1.1.1.1')).toBe(true);
  });
});

describe('the traffic meter', () => {
  test('counts what is lost, sees the outage and names the uplink that carries the traffic', async () => {
    await using lab = await createLab();
    const meter = await lab.meter();
    const eth0 = lab.uplink('eth0');
    await meter.until(({ received }) => received > 100, 'traffic flows');
    meter.reset();
    const before = await meter.report();
    expect(before).toMatchObject({ lost: 0, switches: 0, uplink: 'eth0' });

    // A black hole of a known length: the outage is that long, and one datagram a millisecond is lost.
    meter.reset();
    await eth0.blackhole(true);
    await meter.until(({ silentMs }) => silentMs > 300, 'the traffic stops');
    await eth0.blackhole(false);
    await meter.until(({ silentMs }) => silentMs < 50, 'the traffic flows again');
    const outage = await meter.report();
    expect(outage.outageMs).toBeGreaterThan(300);
    expect(Math.abs(outage.lost - outage.outageMs)).toBeLessThan(0.1 * outage.outageMs + 5);
    expect(outage.switches).toBe(0);

    // One in five, one way; counted from when it holds, for setting it takes time of its own.
    await eth0.loss(20, 'up');
    meter.reset();
    const { sent: asked } = await meter.until(({ sent }) => sent > 1500, 'enough was sent');
    // By then all of those are answered or given up, and of the later ones only some that were answered.
    const { lost } = await meter.report();
    await eth0.loss(0);
    const lossPercent = (100 * lost) / asked;
    expect(lossPercent).toBeGreaterThan(12);
    expect(lossPercent).toBeLessThan(28);

    // The way by another provider is seen from outside.
    meter.reset();
    await lab.node.exec('ip', ['route', 'replace', 'default', 'via', '192.168.103.1', 'dev', 'wwan0', 'metric', '5']);
    await meter.until(({ uplink }) => uplink === 'wwan0', 'the traffic moves');
    const moved = await meter.report();
    expect(moved).toMatchObject({ lost: 0, switches: 1, uplink: 'wwan0' });
    expect(moved.switchGapMs).toBeGreaterThan(0);
    expect(moved.switchGapMs).toBeLessThanOrEqual(moved.outageMs);
    await meter.close();
  });

  test('measures IPv6 as well', async () => {
    await using lab = await createLab({ uplinks: [{ name: 'eth0', number: 101, metric: 100, hasIpv6: true }] });
    const meter = await lab.meter({ family: 'ipv6' });
    await meter.until(({ received }) => received > 50, 'traffic flows');
    meter.reset();
    await meter.until(({ received }) => received > 200, 'traffic flows on');
    expect(await meter.report()).toMatchObject({ lost: 0, uplink: 'eth0' });
    await meter.close();
  });
});

test.each([true, false])(
  'interfaces have their own ifindex as iflink only when they shall look like a NIC (%s)',
  async (nicLike) => {
    await using lab = await createLab({ nicLike });
    for (const { name } of lab.uplinks) {
      const read = async (file: string) => (await lab.node.exec('cat', [`/sys/class/net/${name}/${file}`])).trim();
      expect((await read('iflink')) === (await read('ifindex'))).toBe(nicLike);
    }
  },
);

test('a closed lab leaves nothing behind, and may be closed twice', async () => {
  const lab = await createLab();
  const names = [lab.node.name, lab.internet.name];
  expect(await listNamespaces()).toEqual(expect.arrayContaining(names));
  await lab.close();
  await lab.close();
  const left = await listNamespaces();
  expect(left.filter((name) => names.includes(name))).toEqual([]);
});
