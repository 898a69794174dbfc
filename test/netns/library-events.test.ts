import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { callControl } from '../../src/adapters/control/client.ts';
import { BackhaulError, BackhaulManager, type Problem, type StateChange, type Switch } from '../../src/main.ts';
import { enterOwnNetwork } from './own-network.ts';

enterOwnNetwork();

const ip = (...words: readonly string[]): string =>
  execFileSync('ip', words, { encoding: 'utf8', env: { LC_ALL: 'C', PATH: process.env['PATH'] } });
/** Our own rules and routes; `ip rule` shows the kernel's as well, whatever protocol it is asked for. */
const own = (): string =>
  [
    ip('rule', 'show'),
    ip('-6', 'rule', 'show'),
    ip('route', 'show', 'table', 'all'),
    ip('-6', 'route', 'show', 'table', 'all'),
  ]
    .flatMap((text) => text.split('\n'))
    .filter((line) => /\bproto 144\b/u.test(line))
    .join('\n');
const network = (): string => ['-4', '-6'].map((family) => ip(family, 'rule') + ip(family, 'route')).join('');
const wayOut = (): string | undefined => / dev (\S+)/u.exec(ip('route', 'get', '203.0.113.9'))?.[1];

const far = `far${process.pid}`;
/** The far end has the first of these, and nobody has the second. */
const targets = { answering: 'icmp://198.51.100.1', silent: 'icmp://198.51.100.2' } as const;
const uplinks = [
  { name: 'eth0', net: '192.0.2', metric: '100' },
  { name: 'wlan0', net: '203.0.113', metric: '200' },
] as const;

let directory = '';
const manager = (target: keyof typeof targets, controlSocket: string | null = null): BackhaulManager =>
  new BackhaulManager(
    {
      probe: { targets: [targets[target]], interval: '500ms', timeout: '1s' },
      lifecycle: { probingToUp: '100ms', minStateDuration: '0s' },
      selection: { switchAfter: '0s' },
    },
    { stateDirectory: directory, controlSocket },
  );

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'library-'));
  ip('netns', 'add', far);
  ip('-n', far, 'link', 'set', 'lo', 'up');
  ip('-n', far, 'address', 'add', '198.51.100.1/32', 'dev', 'lo');
  for (const { name, net, metric } of uplinks) {
    ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `p-${name}`, 'netns', far);
    ip('-n', far, 'address', 'add', `${net}.1/24`, 'dev', `p-${name}`);
    ip('-n', far, 'link', 'set', `p-${name}`, 'up');
    ip('address', 'add', `${net}.2/24`, 'dev', name);
    ip('link', 'set', name, 'up');
    ip('route', 'add', 'default', 'via', `${net}.1`, 'dev', name, 'metric', metric);
  }
});

afterEach(() => {
  for (const { name } of uplinks) ip('link', 'delete', name);
  ip('netns', 'delete', far);
  rmSync(directory, { recursive: true });
});

const unplug = (name: string): void => void ip('-n', far, 'link', 'set', `p-${name}`, 'down');

/** Resolves with the first event of a kind that is as wanted. */
const happens = async <Event>(
  listen: (listener: (event: Event) => void) => unknown,
  isWanted: (event: Event) => boolean,
): Promise<Event> => new Promise((resolve) => listen((event) => isWanted(event) && resolve(event)));

test('API-1: importing the library opens no socket, leaves nothing running and loads no native code', () => {
  const program = `
    import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
    const look = () => ({
      resources: process.getActiveResourcesInfo().toSorted(),
      sockets: readdirSync('/proc/self/fd').flatMap((fd) => {
        try { return [readlinkSync('/proc/self/fd/' + fd)].filter((file) => /^(socket|.*netlink)/u.test(file)); }
        catch { return []; }
      }).length,
      hasNative: /koffi/u.test(readFileSync('/proc/self/maps', 'utf8')),
    });
    // The process's own output counts as a resource once somebody has looked at it.
    void [process.stdout, process.stderr];
    const before = look();
    const { BackhaulManager } = await import(${JSON.stringify(new URL('../../src/main.ts', import.meta.url).href)});
    new BackhaulManager({ probe: { targets: ['icmp://192.0.2.1'] } });
    console.log(JSON.stringify([before, look()]));
  `;
  const before = network();
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  const [first, then] = JSON.parse(output) as readonly unknown[];
  expect(then).toEqual(first);
  expect(then).toMatchObject({ hasNative: false });
  expect([own(), network()]).toEqual(['', before]);
});

test('API-1: a carrier loss is told as a switch and as a state, also where no target answers', async () => {
  const before = network();
  const one = manager('silent');
  await one.start();
  expect(own()).toContain('lookup 200');
  expect(one.currentBackhaul()).toMatchObject({ iface: 'eth0', state: 'down' });
  expect(one.currentBackhaul('ipv6')).toBeNull();
  expect(one.interfaceStates().map(({ iface, state, isActive }) => [iface, state, isActive])).toEqual([
    ['eth0', 'down', true],
    ['wlan0', 'down', false],
  ]);
  // Who asks for all there is to know is told that it is still being probed.
  expect(one.snapshot()?.interfaces.map(({ state }) => state)).toContain('probing');

  const switched = happens<Switch>(
    (listener) => one.on('switch', listener),
    ({ from }) => from === 'eth0',
  );
  const changed = happens<StateChange>(
    (listener) => one.on('state', listener),
    ({ iface }) => iface === 'eth0',
  );
  unplug('eth0');
  expect(await switched).toMatchObject({ family: 'ipv4', from: 'eth0', to: 'wlan0' });
  expect(await changed).toMatchObject({ iface: 'eth0', from: 'probing', to: 'down' });
  expect([one.currentBackhaul()?.iface, wayOut()]).toEqual(['wlan0', 'wlan0']);
  ip('-n', far, 'link', 'set', 'p-eth0', 'up');
  await one.shutdown();
  await one.shutdown();
  expect(own()).toBe('');
  expect(network().replaceAll(' linkdown', '')).toBe(before);
});

test('API-1: a listener that throws is told of on error, and hurts neither the others nor the manager', async () => {
  await using one = manager('silent');
  const told: string[] = [];
  one.on('error', () => {
    throw new Error('this one as well');
  });
  const failed = happens<Problem>(
    (listener) => one.on('error', listener),
    ({ message }) => message.includes('"switch"'),
  );
  one.on('switch', () => {
    throw new Error('no such thing');
  });
  const end = one.on('switch', ({ to }) => told.push(`ended ${to}`));
  const second = happens<Switch>(
    (listener) => one.on('switch', listener),
    ({ from }) => from === 'eth0',
  );
  await one.start();
  end();
  told.length = 0;
  unplug('eth0');
  expect(await second).toMatchObject({ to: 'wlan0' });
  expect(await failed).toMatchObject({ code: 'actor.failed', message: 'a listener of "switch" failed: no such thing' });
  expect([told, wayOut()]).toEqual([[], 'wlan0']);
});

test('API-1: a manager pins, plans and explains, and its control socket serves the status', async () => {
  const socket = join(directory, 'control.sock');
  const one = manager('answering', socket);
  expect([one.pin('wlan0'), one.explain()]).toMatchObject([
    { code: 'control.notRunning' },
    { code: 'control.notRunning' },
  ]);
  expect(one.plan()).toEqual([]);
  const bothUp = Promise.all(
    uplinks.map(async ({ name }) =>
      happens<StateChange>(
        (listener) => one.on('state', listener),
        ({ iface, to }) => iface === name && to === 'up',
      ),
    ),
  );
  await one.start();
  await bothUp;
  expect(one.currentBackhaul()).toMatchObject({ iface: 'eth0', state: 'up' });
  expect(one.pin('eth7')).not.toBeNull();
  const pinned = happens<Switch>(
    (listener) => one.on('switch', listener),
    ({ to }) => to === 'wlan0',
  );
  expect(one.pin('wlan0')).toBeNull();
  await pinned;
  expect(one.currentBackhaul('ipv4')?.iface).toBe('wlan0');
  expect(JSON.stringify(one.explain('wlan0'))).toContain('pin');
  expect(await callControl(socket, { method: 'GET', path: '/status' })).toMatchObject({
    active: { ipv4: { iface: 'wlan0' } },
  });
  await one.shutdown();
  await expect(callControl(socket, { method: 'GET', path: '/status' })).rejects.toMatchObject({
    code: 'control.notRunning',
  });

  await one.start();
  expect(await callControl(socket, { method: 'GET', path: '/status' })).toMatchObject({
    active: { ipv4: { iface: 'eth0' } },
  });
  await one.shutdown();
  expect(own()).toBe('');
});

test('API-1: await using gives the network back, whatever happens in between', async () => {
  const before = network();
  const use = async (): Promise<never> => {
    await using one = manager('silent');
    await one.start();
    expect(own()).not.toBe('');
    throw new Error('in between');
  };
  await expect(use()).rejects.toThrow('in between');
  expect([own(), network()]).toEqual(['', before]);
  expect(readFileSync('/proc/sys/net/ipv4/conf/eth0/rp_filter', 'utf8')).toMatch(/^[012]\n$/u);
});

test('API-1: mistakes in the configuration throw one error that lists them all', () => {
  let thrown: unknown = null;
  try {
    void new BackhaulManager({ probe: { interval: 'often', targets: ['ftp://192.0.2.1'] } });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(BackhaulError);
  expect(thrown).toMatchObject({ code: 'config.invalid' });
  const problems = thrown instanceof BackhaulError ? thrown.problems : [];
  expect(problems.map(({ message }) => message.split(' is ')[0])).toEqual(['probe.interval', 'probe.targets[0]']);
});
