import { afterAll, beforeAll, expect, test } from 'vitest';
import { Namespace } from '../../lab/namespace.ts';
import { evaluateInside } from './inside.ts';

let node: Namespace;
beforeAll(async () => {
  node = await Namespace.create('sysfs-node');
  await node.ip('link add eth0 type veth peer name peer0', 'link set eth0 up', 'link set peer0 up');
});
afterAll(async () => {
  await node?.close();
});

const evaluate = (how: 'exec' | 'enter', source: string): Promise<unknown> =>
  evaluateInside(
    node.name,
    how,
    `import { execFileSync } from 'node:child_process';
    import { createSysfs } from 'SRC/adapters/sysfs/sysfs.ts';
    const ip = (...args) => execFileSync('ip', args, { encoding: 'utf8' });
    const links = JSON.parse(ip('-j', 'link')).map(({ ifindex, ifname, address }) =>
      ({ index: ifindex, name: ifname, macAddress: address }));
    const sysfs = createSysfs(links);
    console.log(JSON.stringify(await (async () => { ${source} })()));`,
  );

test('a namespace with a /sys of its own is believed', async () => {
  const steps = `return { isOurs: sysfs.isOurs, facts: sysfs.read(links.find(({ name }) => name === 'eth0')) };`;
  expect(await evaluate('exec', steps)).toEqual({
    isOurs: true,
    facts: { driver: null, deviceType: null, bus: null, usb: null },
  });
});

test('DISC-7: a namespace that was entered without one is told that /sys shows another', async () => {
  const steps = `return { isOurs: sysfs.isOurs, code: sysfs.compare(links)?.code, carrier: sysfs.readCarrier('eth0'),
    ofLoopback: sysfs.readCarrier('lo') };`;
  expect(await evaluate('enter', steps)).toEqual({
    isOurs: false,
    code: 'sysfs.foreign',
    carrier: null,
    ofLoopback: null,
  });
});

test('carrier is seen at once, false for a link that is down, null for one that is gone', async () => {
  const steps = `const seen = [sysfs.readCarrier('eth0')];
    ip('link', 'set', 'peer0', 'down'); seen.push(sysfs.readCarrier('eth0'));
    ip('link', 'set', 'peer0', 'up'); seen.push(sysfs.readCarrier('eth0'));
    ip('link', 'set', 'eth0', 'down'); seen.push(sysfs.readCarrier('eth0'));
    ip('link', 'delete', 'eth0'); seen.push(sysfs.readCarrier('eth0'));
    return seen;`;
  expect(await evaluate('exec', steps)).toEqual([true, false, true, false, null]);
});
