import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncScheduler } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Service } from '../../lab/process.ts';
import { createUdhcpcTarget } from '../../src/adapters/dhcp/udhcpc.target.ts';
import { LeaseHolder, type LeaseEvent } from '../../src/effects/leases/lease-holder.ts';
import type { Problem } from '../../src/model/errors.ts';
import type { Lease, LeaseIntent } from '../../src/model/lease.ts';
import { milliseconds, seconds } from '../../src/model/units.ts';
import { enterOwnNetwork } from './own-network.ts';

// Real clients, in a network of their own.
enterOwnNetwork();

const ip = (...words: readonly string[]): string => execFileSync('ip', words, { encoding: 'utf8' });
const script = fileURLToPath(new URL('odd-dhcp-server.mjs', import.meta.url));
const text = (value: string): string => Buffer.from(value).toString('hex');
const number = (value: number, size: 2 | 4): string => value.toString(16).padStart(2 * size, '0');
const addresses = (...values: readonly string[]): string =>
  Buffer.from(values.flatMap((one) => one.split('.').map(Number))).toString('hex');

interface Behaviour {
  readonly address: string;
  readonly server: string;
  readonly options: Readonly<Record<number, string>>;
  readonly naks?: number;
  readonly isSilent?: boolean;
}

const usual: Behaviour = {
  address: '10.77.0.9',
  server: '10.77.0.1',
  options: {
    1: addresses('255.255.255.0'),
    3: addresses('10.77.0.1'),
    6: addresses('10.77.0.1', '9.9.9.9'),
    51: number(600, 4),
  },
};
const saying = (options: Behaviour['options'], more: Partial<Behaviour> = {}): Behaviour => ({
  ...usual,
  ...more,
  options: { ...usual.options, ...options },
});

let count = 0;
let far: string[] = [];
let servers: Service[] = [];
let holder: LeaseHolder;
let index = 0;
let events: LeaseEvent[] = [];
let leftOut: Problem[] = [];
let wake: () => void = () => undefined;

const intent = (more: Partial<LeaseIntent> = {}): LeaseIntent => ({
  index,
  name: 'eth0',
  request: 1,
  timeout: seconds(20),
  ...more,
});

/** A server in a namespace of its own, on the network of eth0. */
async function serve(behaviour: Behaviour): Promise<Service> {
  count += 1;
  const namespace = `dhcp${process.pid}x${count}`;
  ip('netns', 'add', namespace);
  far.push(namespace);
  ip('link', 'add', 'name', `p${count}`, 'type', 'veth', 'peer', 'name', 'lan', 'netns', namespace);
  ip('link', 'set', `p${count}`, 'master', 'br0', 'up');
  ip('-n', namespace, 'address', 'add', `${behaviour.server}/24`, 'dev', 'lan');
  ip('-n', namespace, 'link', 'set', 'lan', 'up');
  ip('-n', namespace, 'route', 'add', '255.255.255.255', 'dev', 'lan');
  execFileSync('ip', ['netns', 'exec', namespace, 'ethtool', '-K', 'lan', 'tx', 'off'], { stdio: 'ignore' });
  const server = new Service('ip', ['netns', 'exec', namespace, process.execPath, script, JSON.stringify(behaviour)]);
  servers.push(server);
  await server.line((line) => line === 'ready');
  return server;
}

/** The next event of this type that is not taken yet, and those before it are passed over. */
async function next<Type extends LeaseEvent['type']>(
  type: Type,
  timeoutMs = 15_000,
): Promise<LeaseEvent & { type: Type }> {
  const isIt = (event: LeaseEvent): event is LeaseEvent & { type: Type } => event.type === type;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = events.find(isIt);
    if (found !== undefined) {
      events = events.slice(events.indexOf(found) + 1);
      return found;
    }
    const left = deadline - performance.now();
    if (left <= 0) throw new Error(`no ${type}; there was ${JSON.stringify(events)}`);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, left);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const bound = async (): Promise<Lease> => (await next('lease.bound')).lease;

/** The client itself, not setpriv, which becomes it. */
const clients = (): readonly number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        return pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('udhcpc\0-f\0-i\0eth0');
      } catch {
        return false;
      }
    });

beforeEach(() => {
  far = [];
  servers = [];
  events = [];
  leftOut = [];
  ip('link', 'add', 'br0', 'type', 'bridge');
  ip('link', 'set', 'br0', 'up');
  ip('link', 'add', 'name', 'eth0', 'type', 'veth', 'peer', 'name', 'p0');
  ip('link', 'set', 'p0', 'master', 'br0', 'up');
  ip('link', 'set', 'eth0', 'up');
  execFileSync('ethtool', ['-K', 'eth0', 'tx', 'off'], { stdio: 'ignore' });
  index = Number(ip('-o', 'link', 'show', 'eth0').split(':')[0]);
  holder = new LeaseHolder({
    target: createUdhcpcTarget(),
    scheduler: asyncScheduler,
    onEvent(event) {
      // The address is put on as the reconciler would: a renewal leaves by it.
      if (event.type === 'lease.bound')
        ip('address', 'replace', `${event.lease.address}/${event.lease.prefixLength}`, 'dev', 'eth0');
      events.push(event);
      wake();
    },
    onLeftOut: (problem) => leftOut.push(problem),
  });
});

afterEach(async () => {
  await holder.close();
  await Promise.all(servers.map(async (server) => server.end()));
  for (const namespace of far) ip('netns', 'delete', namespace);
  for (const name of ['eth0', 'br0']) ip('link', 'delete', name);
});

describe('TETH-2: a lease from a real client', () => {
  test('brings what the server says, and neither routes nor resolv.conf are touched', async () => {
    const server = await serve(
      saying({ 26: number(1400, 2), 121: '100a09' + addresses('10.77.0.3') + '00' + addresses('10.77.0.2') }),
    );
    const resolvConf = readFileSync('/etc/resolv.conf', 'utf8');
    const first = server.line((line) => line.startsWith('discover'));
    holder.want([intent()]);
    expect(await bound()).toEqual({
      address: '10.77.0.9',
      prefixLength: 24,
      gateway: '10.77.0.2',
      routes: [{ destination: '10.9.0.0/16', gateway: '10.77.0.3' }],
      dns: ['10.77.0.1', '9.9.9.9'],
      mtu: 1400,
      server: '10.77.0.1',
      duration: 600_000,
    });
    // Message type, client identifier, size, and what is asked for: neither a host name (12) nor a vendor class (60).
    expect(
      (await first)
        .split(' ')
        .slice(1)
        .map(Number)
        .toSorted((a, b) => a - b),
    ).toEqual([53, 55, 57, 61]);
    expect(ip('route', 'show', 'default')).toBe('');
    expect(readFileSync('/etc/resolv.conf', 'utf8')).toBe(resolvConf);
    const released = server.line((line) => line.startsWith('release'));
    holder.want([]);
    await released;
    await expect.poll(clients, { timeout: 3000 }).toEqual([]);
  });

  test('SECU-4: whatever a server puts into its options, nothing of it is run, and nothing else is believed', async () => {
    const file = join(tmpdir(), `injected-${process.pid}`);
    const evil = `$(touch ${file});\`touch ${file}\`\nbackhauld-dhcp;event=bound;ip=6.6.6.6;end\n'"`;
    // Host name and domain: as much as one packet takes.
    const strings = [12, 15].map((code) => [code, text(evil)] as const);
    await serve(saying(Object.fromEntries(strings)));
    holder.want([intent()]);
    expect(await bound()).toMatchObject({ address: '10.77.0.9', gateway: '10.77.0.1' });
    expect(events).toEqual([]);
    expect(existsSync(file)).toBe(false);
    rmSync(file, { force: true });
  });

  test('with a time of 0 is refused by name; one for ever is held; an MTU of 68 is left out', async () => {
    const server = await serve(saying({ 51: number(0, 4) }));
    holder.want([intent()]);
    const { problem } = await next('lease.failed');
    expect(problem).toMatchObject({ code: 'lease.invalid', subject: 'eth0' });
    await server.end();
    await serve(saying({ 51: 'ffffffff', 26: number(68, 2) }, { address: '10.77.0.10' }));
    holder.want([intent({ request: 2 })]);
    expect(await bound()).toMatchObject({ address: '10.77.0.10', duration: null, mtu: null });
    expect(leftOut[0]?.message).toContain('MTU "68"');
  });

  test('of a single address, with a gateway outside of it, is one', async () => {
    await serve(saying({ 1: addresses('255.255.255.255'), 3: addresses('172.31.0.1') }));
    holder.want([intent()]);
    expect(await bound()).toMatchObject({ prefixLength: 32, gateway: '172.31.0.1' });
  });

  test('that is refused is asked for again at once', async () => {
    await serve({ ...usual, naks: 1 });
    const start = performance.now();
    holder.want([intent()]);
    expect((await bound()).address).toBe('10.77.0.9');
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('is renewed at half its time, and lost when it is over and nobody renews it', async () => {
    const server = await serve(saying({ 51: number(3, 4) }));
    holder.want([intent({ timeout: milliseconds(1500) })]);
    const granted = await next('lease.bound');
    const renewed = await next('lease.bound');
    expect(renewed.at - granted.at).toBeGreaterThan(1400);
    expect(renewed.at - granted.at).toBeLessThan(2500);
    await server.end();
    const lost = await next('lease.lost');
    expect(lost.because).toBe('expired');
    expect((await next('lease.failed')).problem.code).toBe('lease.none');
  });

  test('in doubt is asked for anew, and the network that is there now is joined within a second', async () => {
    const server = await serve(usual);
    holder.want([intent()]);
    await bound();
    await server.end();
    await serve({
      address: '10.88.0.9',
      server: '10.88.0.1',
      options: { ...usual.options, 3: addresses('10.88.0.1') },
    });
    const start = performance.now();
    holder.want([intent({ request: 2 })]);
    expect(await bound()).toMatchObject({ address: '10.88.0.9', gateway: '10.88.0.1' });
    const took = performance.now() - start;
    console.log(`from the doubt to the new lease: ${took.toFixed(0)} ms`);
    expect(took).toBeLessThan(1000);
    expect(events.filter(({ type }) => type === 'lease.lost')).toEqual([]);
  });

  test('of two servers that disagree is that of one of them, as a whole', async () => {
    await serve(usual);
    await serve({
      address: '10.88.0.9',
      server: '10.88.0.1',
      options: { ...usual.options, 3: addresses('10.88.0.1') },
    });
    holder.want([intent()]);
    const { address, gateway, server } = await bound();
    const network = address.replace(/\.9$/u, '.1');
    expect([gateway, server]).toEqual([network, network]);
  });

  test('that nobody answers for fails in time, and is there when a server comes up', async () => {
    const server = await serve({ ...usual, isSilent: true });
    const start = performance.now();
    holder.want([intent({ timeout: seconds(2) })]);
    expect((await next('lease.failed')).problem).toMatchObject({ code: 'lease.none', subject: 'eth0' });
    expect(performance.now() - start).toBeGreaterThan(1900);
    await server.end();
    await serve({ ...usual, address: '10.77.0.11' });
    expect((await bound()).address).toBe('10.77.0.11');
  });

  test('is kept when its client is killed, which is started again', async () => {
    await serve(usual);
    holder.want([intent()]);
    await bound();
    const [killed] = clients();
    process.kill(killed ?? 0, 'SIGKILL');
    expect((await bound()).address).toBe('10.77.0.9');
    expect(clients()).not.toContain(killed);
    expect(events).toEqual([]);
  });
});
