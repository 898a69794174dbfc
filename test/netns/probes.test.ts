import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { targets, Testbed } from './probes/testbed.ts';

let bed: Testbed;
beforeAll(async () => {
  bed = await Testbed.create('probes');
});
afterAll(async () => {
  await bed?.[Symbol.asyncDispose]();
});
const noTraffic = { packets: 0, bytes: 0 };
/** Every kind of target that is there, for both families. */
const kinds = ['4', '6'].flatMap((family) => {
  const host = family === '4' ? targets.ipv4 : `[${targets.ipv6}]`;
  return [
    `tcp://${host}:53`,
    `icmp://${host}`,
    `http://${host}/generate_204`,
    `https://${host}/generate_204`,
    `dns://${host}/example.com`,
  ];
});
const host = targets.ipv4;

test('what is bound to nothing takes the other uplink, is answered there, and is seen', async () => {
  for (const target of [targets.ipv4, targets.ipv6]) {
    await bed.traffic('active');
    await bed.node.exec('ping', ['-c', '1', '-W', '1', target]);
    expect(await bed.traffic('active')).toMatchObject({ packets: 2 });
  }
});

describe.each(['device', 'source'] as const)('a probe bound by %s', (mode) => {
  beforeAll(async () => {
    if (mode === 'source') await bed.routeBySource();
  });
  const possible = kinds.filter((target) => mode === 'device' || !target.startsWith('icmp'));
  beforeEach(async () => {
    await bed.traffic('active');
    await bed.traffic('measured');
  });

  test.each(possible)(
    'HLTH-3: %s is asked through the measured uplink, and nothing of it through the other',
    async (target) => {
      expect(await bed.probe(target, { mode })).toMatchObject({ ok: true, retransmitted: false });
      expect((await bed.traffic('measured')).packets).toBeGreaterThan(1);
      expect(await bed.traffic('active')).toEqual(noTraffic);
    },
  );

  test('HLTH-3: with the measured uplink dead, nobody answers, though the other uplink would have', async () => {
    await bed.blackhole(true);
    for (const target of possible) {
      expect(await bed.probe(target, { mode, timeoutMs: 150 })).toMatchObject({ ok: false, failure: 'timeout' });
    }
    await bed.blackhole(false);
    expect(await bed.traffic('active')).toEqual(noTraffic);
    expect((await bed.traffic('measured')).packets).toBeGreaterThan(0);
  });

  test('an answer by RST counts: nobody listens there, but the way is open', async () => {
    const outcome = await bed.probe(`tcp://${host}:54`, { mode });
    expect(outcome).toMatchObject({ ok: true, retransmitted: false });
  });

  test('HLTH-2: status and body are compared; a portal and a server in trouble are told apart', async () => {
    const ask = (rest: string) => bed.probe(`http://${host}${rest}`, { mode });
    expect(await ask('/ok#body=well')).toMatchObject({ ok: true });
    expect(await ask('/chunks#body=well')).toMatchObject({ ok: true });
    expect(await ask('/ok#body=ill')).toMatchObject({ ok: false, failure: 'captivePortal' });
    expect(await ask('/portal')).toMatchObject({ ok: false, failure: 'captivePortal' });
    expect(await ask('/ok#status=204')).toMatchObject({ ok: false, failure: 'captivePortal' });
    expect(await ask('/endless#body=never%20found')).toMatchObject({ ok: false, failure: 'captivePortal' });
    expect(await ask('/ill')).toMatchObject({ ok: false, failure: 'badAnswer' });
    expect(await ask('/garbage')).toMatchObject({ ok: false, failure: 'badAnswer' });
    expect(await ask('/cut')).toMatchObject({ ok: false, failure: 'badAnswer' });
    expect(await ask('/reset')).toMatchObject({ ok: false, failure: 'badAnswer' });
    expect(await bed.probe(`http://${host}:54/`, { mode })).toMatchObject({ ok: false, failure: 'refused' });
    expect(await bed.probe(`https://${host}:58/`, { mode })).toMatchObject({ ok: false, failure: 'badAnswer' });
    expect(await bed.probe(`https://${host}:80/`, { mode })).toMatchObject({ ok: false, failure: 'badAnswer' });
  });

  test('HLTH-2: any answer of a DNS server will do, one that says no will not', async () => {
    const ask = (name: string, timeoutMs = 3000) => bed.probe(`dns://${host}/${name}`, { mode, timeoutMs });
    expect(await ask('nowhere.example')).toMatchObject({ ok: true });
    expect(await ask('servfail.example')).toMatchObject({ ok: false, failure: 'badAnswer' });
    expect(await ask('refused.example')).toMatchObject({ ok: false, failure: 'badAnswer' });
    expect(await ask('silent.example', 100)).toMatchObject({ ok: false, failure: 'timeout' });
    expect(await ask('foreign.example', 100)).toMatchObject({ ok: false, failure: 'timeout' });
    expect(await bed.probe(`dns://${host}:54/example.com`, { mode })).toMatchObject({ ok: false, failure: 'refused' });
  });

  describe('HLTH-2: a name is resolved by the measured uplink', () => {
    const all = [
      'tcp://known.example:53',
      'icmp://known.example',
      'http://known.example/host',
      'https://known.example/host',
    ];
    const named = [...all, 'dns://known.example/example.com'].filter(
      (target) => mode === 'device' || !target.startsWith('icmp'),
    );
    // What the far end was told (Host, and for TLS the server name) is what it answers with.
    const expecting = (target: string) => {
      const told = target.startsWith('https') ? 'known.example known.example' : 'known.example';
      return target.endsWith('/host') ? `${target}#body=${encodeURIComponent(told)}` : target;
    };

    test.each(named)('%s, by each family, and nothing of it by the other', async (target) => {
      for (const server of Object.values(targets)) {
        expect(await bed.probe(expecting(target), { mode, servers: [server] })).toMatchObject({ ok: true });
      }
      expect((await bed.traffic('measured')).packets).toBeGreaterThan(3);
      expect(await bed.traffic('active')).toEqual(noTraffic);
    });

    test.each([
      ['nowhere.example', /says that there is no such name/],
      ['servfail.example', /does not answer for it/],
      ['foreign.example', /none answers in time/],
      ['silent.example', /none answers in time/],
      ['empty.example', /knows no IPv4 address/],
      ['loop.example', /127\.0\.0\.1: a loopback address/],
    ])('%s is not, and that is told', async (name, message) => {
      const target = `tcp://${name}:53`;
      const { outcomes, problems } = await bed.probes(target, { mode, servers: [host], timeoutMs: 300 });
      expect(outcomes).toMatchObject([{ ok: false, failure: 'unresolved' }]);
      expect(problems).toMatchObject([
        { code: 'probe.unresolved', message: expect.stringMatching(message) as unknown },
      ]);
      expect(await bed.traffic('active')).toEqual(noTraffic);
    });

    test('the next name server is asked, and a private address is told of', async () => {
      const options = { mode, servers: ['192.0.2.77', host] };
      const { outcomes, problems } = await bed.probes('tcp://private.example:53', options);
      expect(outcomes).toMatchObject([{ ok: true }]);
      expect(problems).toMatchObject([{ code: 'probe.privateAddress' }]);
    });

    test('with the uplink dead nothing is asked by another, whatever was known before', async () => {
      await bed.blackhole(true);
      const options = { mode, servers: [host], timeoutMs: 200 };
      expect(await bed.probe('tcp://fresh.example:53', options)).toMatchObject({ failure: 'unresolved' });
      await bed.probe('tcp://known.example:53', options);
      await bed.blackhole(false);
      expect(await bed.traffic('active')).toEqual(noTraffic);
    });
  });

  test('an address that is not on the node leads nowhere', async () => {
    for (const target of possible.filter((each) => !each.includes('['))) {
      const outcome = await bed.probe(target, { mode, source: '10.9.9.9' });
      expect(outcome).toMatchObject({ ok: false, failure: 'unreachable' });
    }
  });

  // With a device given, IPv4 takes what no route leads to for a neighbour on the link, so that it is time that tells.
  test.runIf(mode === 'source')('a way that the node itself closes is no way', async () => {
    for (const action of ['prohibit', 'blackhole', 'unreachable']) {
      const rule = ['priority', '1', 'to', host, action];
      await bed.node.exec('ip', ['rule', 'add', ...rule]);
      for (const target of possible.filter((each) => each.includes(host))) {
        expect(await bed.probe(target, { mode })).toMatchObject({ ok: false, failure: 'unreachable' });
      }
      await bed.node.exec('ip', ['rule', 'delete', ...rule]);
    }
  });

  test('1,000 probes, half of them aborted in every state, leave no descriptor and no handle', async () => {
    for (const target of possible) await bed.probe(target, { mode });
    const before = await bed.count();
    const times = Math.ceil(500 / possible.length);
    for (const target of possible) {
      for (const abortAfterMs of [0, 1]) {
        const { outcomes } = await bed.probes(target, { mode, times, atOnce: 10, abortAfterMs });
        expect(outcomes.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(Math.floor(times / 2));
      }
    }
    expect(await bed.count()).toEqual(before);
    await bed.blackhole(true);
    for (const target of possible) await bed.probes(target, { mode, times: 20, atOnce: 20, timeoutMs: 20 });
    await bed.blackhole(false);
    expect(await bed.count()).toEqual(before);
  });
});

describe('a probe bound by the device', () => {
  test('HLTH-7: the round-trip time is within 1 ms of what ping says', async () => {
    const said = await bed.node.exec('ping', ['-c', '10', '-i', '0.01', '-I', 'wlan0', host]);
    const expected = Number(/= [\d.]+\/([\d.]+)\//u.exec(said)?.[1]);
    for (const target of [`tcp://${host}:53`, `icmp://${host}`, `http://${host}/ok`, `dns://${host}/example.com`]) {
      const { outcomes } = await bed.probes(target, { times: 21 });
      const times = outcomes.map((outcome) => (outcome.ok ? outcome.rtt : Infinity)).toSorted((a, b) => a - b);
      const median = times[10] ?? Infinity;
      expect(Math.abs(median - expected), `${target}: ${median} ms, ping ${expected} ms`).toBeLessThan(1);
    }
  });

  test('HLTH-7: a busy event loop does not lengthen the round-trip time of TCP', async () => {
    expect(await bed.probe(`tcp://${host}:53`, { busyMs: 100 })).toMatchObject({
      ok: true,
      rtt: expect.toSatisfy((rtt: number) => rtt > 0 && rtt < 20) as unknown,
    });
  });

  test.each([
    ['an answered TCP probe', `tcp://${host}:53`, { packets: 3, bytes: 172 }],
    ['an answered TCP probe by IPv6', `tcp://[${targets.ipv6}]:53`, { packets: 3, bytes: 232 }],
    ['a refused TCP probe', `tcp://${host}:54`, { packets: 2, bytes: 100 }],
    ['an echo', `icmp://${host}`, { packets: 2, bytes: 72 }],
    ['an echo by IPv6', `icmp://[${targets.ipv6}]`, { packets: 2, bytes: 112 }],
  ])('HLTH-8: %s costs no more bytes than it must', async (_what, target, { packets, bytes }) => {
    await bed.traffic('measured');
    await bed.probes(target, { times: 10 });
    expect(await bed.traffic('measured')).toEqual({ packets: 10 * packets, bytes: 10 * bytes });
  });

  test('HLTH-5: an answer to a retransmitted SYN says so, with the time that it took', async () => {
    const outcome = await bed.probe(`tcp://${host}:56`);
    expect(outcome).toMatchObject({ ok: true, retransmitted: true });
    expect(outcome).toHaveProperty('rtt', expect.closeTo(1000, -3));
  });

  test.each(['4', '6'])(
    '"port unreachable" by ICMPv%s is no answer of the peer, and no other unreachability is',
    async (family) => {
      const peer = family === '4' ? host : `[${targets.ipv6}]`;
      expect(await bed.probe(`tcp://${peer}:55`)).toMatchObject({ ok: false, failure: 'refused' });
      expect(await bed.probe(`tcp://${peer}:57`)).toMatchObject({ ok: false, failure: 'unreachable' });
    },
  );

  test('ICMP works by ping sockets too, where they are allowed', async () => {
    await bed.node.sysctl('net.ipv4.ping_group_range=0 2147483647');
    await bed.traffic('active');
    expect(await bed.probe(`icmp://${host}`)).toMatchObject({ ok: true });
    expect(await bed.probe(`icmp://[${targets.ipv6}]`)).toMatchObject({ ok: true });
    expect(await bed.traffic('active')).toEqual(noTraffic);
    await bed.node.sysctl('net.ipv4.ping_group_range=1 0');
  });
});

test('without native code ICMP is refused by name', async () => {
  expect(await bed.probe(`icmp://${host}`, { mode: 'source' })).toMatchObject({ ok: false, failure: 'notPermitted' });
});

// The last one: IPv6 addresses do not come back.
test('an interface that is gone or down fails at once', async () => {
  for (const target of kinds) {
    const gone = await bed.probe(target, { index: 99 });
    expect(gone).toMatchObject({ ok: false });
  }
  await bed.node.ip('link set wlan0 down');
  for (const target of kinds) expect(await bed.probe(target)).toMatchObject({ ok: false });
});
