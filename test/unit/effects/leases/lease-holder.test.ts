import { describe, expect, test } from 'vitest';
import type { DhcpNews, DhcpRequest, DhcpTarget } from '../../../../src/effects/ports.ts';
import { LeaseHolder, type LeaseEvent } from '../../../../src/effects/leases/lease-holder.ts';
import type { Problem } from '../../../../src/model/errors.ts';
import type { Lease, LeaseIntent } from '../../../../src/model/lease.ts';
import { milliseconds, seconds } from '../../../../src/model/units.ts';
import { SimulatedTime } from '../../../fakes/simulated-time.ts';

const lease = (address: string, more: Partial<Lease> = {}): Lease => ({
  address,
  prefixLength: 24,
  gateway: '10.0.0.1',
  routes: [],
  dns: [],
  mtu: null,
  server: '10.0.0.1',
  duration: seconds(3600),
  ...more,
});

const intent = (request = 1, more: Partial<LeaseIntent> = {}): LeaseIntent => ({
  index: 7,
  name: 'usb0',
  request,
  timeout: seconds(30),
  ...more,
});

interface FakeClient {
  readonly request: DhcpRequest;
  readonly say: (news: DhcpNews) => void;
  /** What it was told to do. */
  readonly told: string[];
}

function makeWorld(remembered: ConstructorParameters<typeof LeaseHolder>[1] = []) {
  const time = new SimulatedTime();
  const clients: FakeClient[] = [];
  const events: LeaseEvent[] = [];
  const leftOut: Problem[] = [];
  const target: DhcpTarget = {
    start(request, say) {
      const told: string[] = [];
      clients.push({ request, say, told });
      return {
        renew: () => void told.push('renew'),
        stop: async (release) => void told.push(release ? 'release' : 'stop'),
      };
    },
  };
  const holder = new LeaseHolder(
    { target, scheduler: time, onEvent: (event) => events.push(event), onLeftOut: (problem) => leftOut.push(problem) },
    remembered,
  );
  const client = (at = -1): FakeClient => {
    const found = clients.at(at);
    if (found === undefined) throw new Error('there is no client');
    return found;
  };
  const grant = (its: Lease, said: readonly string[] = []): void =>
    client().say({ type: 'granted', lease: its, leftOut: said });
  const words = (): readonly string[] =>
    events.splice(0).map((event) => {
      if (event.type === 'lease.bound') return `bound ${event.lease.address}`;
      return event.type === 'lease.lost' ? `lost ${event.because}` : `failed ${event.problem.code}`;
    });
  return { time, clients, client, grant, holder, words, leftOut };
}

const crash: DhcpNews = { type: 'ended', problem: { code: 'tool.failed', message: 'it ended' } };

describe('TETH-2: leases are held', () => {
  test('one client for each interface, from when it is wanted until it is not; then the server is told', async () => {
    const { holder, clients, client, grant, words } = makeWorld();
    holder.want([intent(), intent(1, { index: 8, name: 'usb1' })]);
    holder.want([intent(), intent(1, { index: 8, name: 'usb1' })]);
    expect(clients.map(({ request }) => request)).toEqual([
      { index: 7, name: 'usb0', wanted: null },
      { index: 8, name: 'usb1', wanted: null },
    ]);
    client().say({ type: 'empty' });
    grant(lease('10.0.0.2'));
    expect(words()).toEqual(['bound 10.0.0.2']);
    holder.want([]);
    await holder.close();
    expect(clients.map(({ told }) => told)).toEqual([['stop'], ['release']]);
    grant(lease('10.0.0.3'));
    expect(words()).toEqual([]);
  });

  test('each renewal is told, and the time of the lease begins anew', async () => {
    const { holder, time, grant, words } = makeWorld();
    holder.want([intent()]);
    grant(lease('10.0.0.2', { duration: seconds(600) }));
    await time.run(seconds(300));
    grant(lease('10.0.0.2', { duration: seconds(600) }));
    await time.run(seconds(599));
    expect(words()).toEqual(['bound 10.0.0.2', 'bound 10.0.0.2']);
    await time.run(seconds(2));
    expect(words()).toEqual(['lost expired']);
  });

  test('a lease of a few seconds is renewed for the client, which would take it for two minutes', async () => {
    const { holder, time, client, grant } = makeWorld();
    holder.want([intent()]);
    grant(lease('10.0.0.2', { duration: seconds(20) }));
    await time.run(seconds(9));
    expect(client().told).toEqual([]);
    await time.run(seconds(2));
    expect(client().told).toEqual(['renew']);
    await time.run(seconds(5));
    expect(client().told, 'again, when nobody has answered').toEqual(['renew', 'renew']);
    grant(lease('10.0.0.2', { duration: seconds(20) }));
    await time.run(seconds(9));
    expect(client().told).toEqual(['renew', 'renew']);
  });

  test('a client that is asked twice, and begins anew, has lost nothing; and is left to ask', async () => {
    const { holder, time, client, grant, words } = makeWorld();
    holder.want([intent()]);
    grant(lease('10.0.0.2', { duration: seconds(1) }));
    await time.run(seconds(1.2));
    expect(client().told).toEqual(['renew', 'renew']);
    client().say({ type: 'empty' });
    await time.run(seconds(2));
    expect(client().told).toEqual(['renew', 'renew']);
    grant(lease('10.0.0.2', { duration: seconds(1) }));
    expect(words()).toEqual(['bound 10.0.0.2', 'bound 10.0.0.2']);
    client().say({ type: 'empty' });
    await time.run(seconds(10));
    expect(words()).toEqual(['lost expired']);
  });

  test('a lease of a second is held for ten, and asked for twice a second meanwhile', async () => {
    const { holder, time, client, grant, words } = makeWorld();
    holder.want([intent()]);
    grant(lease('10.0.0.2', { duration: seconds(1) }));
    await time.run(milliseconds(9900));
    expect(words()).toEqual(['bound 10.0.0.2']);
    expect(client().told).toHaveLength(19);
    await time.run(seconds(1));
    expect(words()).toEqual(['lost expired']);
  });

  test('where another program holds it nobody is asked, nor blamed for no answer; it is looked again', async () => {
    const { holder, time, clients, client, grant, words } = makeWorld();
    const problem: Problem = { code: 'uplink.managedElsewhere', message: 'dhcpcd manages usb0', subject: 'usb0' };
    holder.want([intent()]);
    for (let look = 0; look < 4; look++) {
      client().say({ type: 'managed', problem });
      await time.run(seconds(20));
    }
    expect(words(), 'once').toEqual(['failed uplink.managedElsewhere']);
    expect(clients).toHaveLength(5);
    grant(lease('10.0.0.2'));
    expect(words()).toEqual(['bound 10.0.0.2']);
  });

  test('one for ever never ends', async () => {
    const { holder, time, grant, words, clients } = makeWorld();
    holder.want([intent()]);
    grant(lease('10.0.0.2', { duration: null }));
    await time.run(seconds(10_000_000));
    expect(words()).toEqual(['bound 10.0.0.2']);
    expect(clients).toHaveLength(1);
  });

  test('expired, it is asked for anew', async () => {
    const { holder, time, client, clients, grant, words } = makeWorld();
    holder.want([intent()]);
    grant(lease('10.0.0.2', { duration: seconds(20) }));
    await time.run(seconds(20));
    expect(words()).toEqual(['bound 10.0.0.2', 'lost expired']);
    expect(clients).toHaveLength(2);
    // The client that has seen it end goes on by itself.
    grant(lease('10.0.0.2'));
    client().say({ type: 'empty' });
    expect(words()).toEqual(['bound 10.0.0.2', 'lost expired']);
    expect(clients).toHaveLength(2);
  });

  test('nobody answers: that is told once, in time, and asking goes on', async () => {
    const { holder, time, clients, words, grant } = makeWorld();
    holder.want([intent()]);
    await time.run(seconds(29));
    expect(words()).toEqual([]);
    await time.run(seconds(100));
    expect(words()).toEqual(['failed lease.none']);
    expect(clients).toHaveLength(1);
    grant(lease('10.0.0.2'));
    expect(words()).toEqual(['bound 10.0.0.2']);
  });

  test('in doubt, it is asked for anew at once by another client, and held meanwhile', async () => {
    const { holder, time, clients, client, grant, words } = makeWorld();
    holder.want([intent(1)]);
    grant(lease('10.0.0.2'));
    holder.want([intent(2)]);
    expect(clients).toHaveLength(2);
    expect(client(0).told).toEqual(['stop']);
    expect(client(1).request.wanted).toBe('10.0.0.2');
    client(0).say({ type: 'empty' });
    client(1).say({ type: 'empty' });
    client(0).say({ type: 'granted', lease: lease('10.0.0.66'), leftOut: [] });
    expect(words()).toEqual(['bound 10.0.0.2']);
    await time.run(seconds(31));
    expect(words()).toEqual(['failed lease.none']);
    grant(lease('10.9.9.9'));
    expect(words()).toEqual(['bound 10.9.9.9']);
  });

  test('renamed, its client is another one', () => {
    const { holder, client, grant, words, clients } = makeWorld();
    holder.want([intent()]);
    grant(lease('10.0.0.2'));
    holder.want([intent(1, { name: 'enx02' })]);
    expect(client().request).toEqual({ index: 7, name: 'enx02', wanted: '10.0.0.2' });
    expect(clients).toHaveLength(2);
    expect(words()).toEqual(['bound 10.0.0.2']);
  });

  test('refused, it is lost and asked for at once, without wishing for the old address; again and again, more slowly', async () => {
    const { holder, time, clients, client, grant, words } = makeWorld();
    holder.want([intent()]);
    grant(lease('10.0.0.2'));
    client().say({ type: 'refused' });
    expect(words()).toEqual(['bound 10.0.0.2', 'lost refused']);
    await time.run(0);
    expect(clients).toHaveLength(2);
    expect(client().request.wanted).toBeNull();
    client().say({ type: 'refused' });
    await time.run(seconds(4));
    expect(clients).toHaveLength(2);
    await time.run(seconds(2));
    expect(clients).toHaveLength(3);
    expect(words()).toEqual([]);
  });

  test('what is of no use is told once, and another is asked for after a while', async () => {
    const { holder, time, clients, client, words } = makeWorld();
    const problem: Problem = { code: 'lease.invalid', subject: 'usb0', message: 'the lease has a time of "0" s' };
    holder.want([intent()]);
    client().say({ type: 'unusable', problem });
    await time.run(seconds(6));
    client().say({ type: 'unusable', problem });
    expect(words()).toEqual(['failed lease.invalid']);
    expect(clients).toHaveLength(2);
  });

  test('a client that dies is replaced, more slowly each time, and the lease is kept', async () => {
    const { holder, time, clients, client, grant, words } = makeWorld();
    holder.want([intent()]);
    grant(lease('10.0.0.2'));
    client().say(crash);
    await time.run(100);
    expect(clients).toHaveLength(2);
    expect(client().request.wanted).toBe('10.0.0.2');
    client().say(crash);
    await time.run(199);
    expect(clients).toHaveLength(2);
    await time.run(1);
    expect(clients).toHaveLength(3);
    expect(words()).toEqual(['bound 10.0.0.2']);
    client().say(crash);
    expect(words()).toEqual(['failed tool.failed', 'lost clientEnded']);
    for (let times = 0; times < 20; times += 1) {
      await time.run(seconds(31));
      client().say(crash);
    }
    expect(clients.length).toBeGreaterThan(20);
    expect(words()).toEqual([]);
  });

  test('without a client installed that is told at once, and tried again', async () => {
    const { holder, time, clients, client, words } = makeWorld();
    holder.want([intent()]);
    client().say({ type: 'ended', problem: { code: 'tool.missing', message: 'neither udhcpc nor BusyBox' } });
    expect(words()).toEqual(['failed tool.missing']);
    await time.run(seconds(1));
    expect(clients).toHaveLength(2);
  });

  test('what is left out of a lease is told beside it', () => {
    const { holder, grant, words, leftOut } = makeWorld();
    holder.want([intent()]);
    grant(lease('10.0.0.2'), ['MTU "68"']);
    expect(words()).toEqual(['bound 10.0.0.2']);
    expect(leftOut).toMatchObject([{ code: 'lease.invalid', subject: 'usb0' }]);
    expect(leftOut[0]?.message).toContain('MTU "68"');
  });

  test('ROUT-8: what a former run held is wished for, and held for the time that is left', async () => {
    const its = lease('10.0.0.2', { duration: seconds(20) });
    const { holder, time, client, words } = makeWorld([{ index: 7, name: 'usb0', lease: its }]);
    holder.want([intent()]);
    expect(client().request.wanted).toBe('10.0.0.2');
    await time.run(19_999);
    expect(words()).toEqual([]);
    await time.run(1);
    expect(words()).toEqual(['lost expired']);
  });
});
