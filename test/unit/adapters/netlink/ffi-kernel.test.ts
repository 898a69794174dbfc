import { describe, expect, test } from 'vitest';
import { errnos } from '../../../../src/adapters/libc/libc.ts';
import { concatenate } from '../../../../src/adapters/netlink/codec/attribute.codec.ts';
import {
  decodeMessages,
  messageFlags,
  type NetlinkMessage,
} from '../../../../src/adapters/netlink/codec/message.codec.ts';
import { encodeRouteDelete } from '../../../../src/adapters/netlink/codec/route.codec.ts';
import { routeTypes } from '../../../../src/adapters/netlink/codec/route-netlink.codec.ts';
import type { Kernel, OpenResult } from '../../../../src/adapters/netlink/driver.ts';
import { openFfiKernel } from '../../../../src/adapters/netlink/ffi/ffi-kernel.ts';
import type { KernelOperation } from '../../../../src/effects/ports.ts';
import type { Problem } from '../../../../src/model/errors.ts';
import type { Route } from '../../../../src/model/kernel.ts';
import { ownProtocol } from '../../../../src/model/network.ts';
import { bytesOf } from './captured.ts';
import { answer, asMessage, end, type Script, ScriptedLibc } from './scripted-libc.ts';

const linkIndex = 7;
const route: Route = {
  family: 'ipv4',
  table: 100,
  type: 'unicast',
  destination: '0.0.0.0/0',
  gateway: '192.0.2.1',
  linkIndex,
  metric: 5,
  protocol: ownProtocol,
  scope: 'global',
  preferredSource: null,
  isOnLink: false,
};
const replace: KernelOperation = {
  type: 'route.replace',
  target: 'a route',
  because: 'a test',
  route: { ...route, linkIndex, because: 'a test' },
};

const routeMessage = (type: 'newRoute' | 'deleteRoute', of: Route, sequence = 0): Uint8Array =>
  asMessage(routeTypes[type], encodeRouteDelete(of) ?? new Uint8Array(), 0, sequence);
const numbered = (name: 'newLink', sequence: number): Uint8Array => {
  const [message] = decodeMessages(bytesOf(name));
  if (message === undefined) throw new Error('nothing was captured');
  const up = message.payload.slice();
  new DataView(up.buffer).setUint32(8, 0x1_0043, true);
  return asMessage(message.type, up, 0, sequence);
};

/** The kernel's side: one link, and these routes. Everything else is empty; changes are acknowledged. */
const world =
  (routes: () => readonly Route[]): Script =>
  (request) => {
    if (request.type === routeTypes.getLink) return [numbered('newLink', request.sequence), end(request)];
    if ((request.flags & messageFlags.dump) !== messageFlags.dump) return [answer(request, 0)];
    if (request.type !== routeTypes.getRoute || request.payload[0] !== 2) return [end(request)];
    return [concatenate(...routes().map((each) => routeMessage('newRoute', each, request.sequence)), end(request))];
  };

const problems: Problem[] = [];
function openOn(scripted: ScriptedLibc): OpenResult {
  problems.length = 0;
  return openFfiKernel(scripted.libc, { onProblem: (problem) => problems.push(problem) });
}
function kernelOn(scripted: ScriptedLibc): Kernel {
  const opened = openOn(scripted);
  if (!opened.ok) throw new Error(opened.problem.message);
  return opened.kernel;
}
const gateways = ({ state }: Kernel): readonly (string | null)[] => [...state.routes.values()].map((r) => r.gateway);

describe('opening', () => {
  test('DISC-1: the state is complete, with what happened during the dump', () => {
    const scripted = new ScriptedLibc(world(() => [route]));
    scripted.events.push(routeMessage('newRoute', { ...route, metric: 6 }));
    const kernel = kernelOn(scripted);
    expect(kernel.state.links.get(linkIndex)?.name).toBe('eth0');
    expect([...kernel.state.routes.values()].map(({ metric }) => metric)).toEqual([5, 6]);
  });

  test('a kernel without IPv6 has nothing of it, and that is no problem', () => {
    const plain = world(() => [route]);
    const kernel = kernelOn(
      new ScriptedLibc((request) =>
        request.payload[0] === 10 ? [answer(request, errnos.EAFNOSUPPORT)] : plain(request),
      ),
    );
    expect(gateways(kernel)).toEqual(['192.0.2.1']);
    expect(problems).toEqual([]);
  });

  test('a dump that was interrupted is begun anew', () => {
    const plain = world(() => [route]);
    let interruptions = 2;
    const kernel = kernelOn(
      new ScriptedLibc((request) => {
        if (request.type !== routeTypes.getRoute || interruptions-- <= 0) return plain(request);
        const half = routeMessage('newRoute', { ...route, gateway: '192.0.2.66' }, request.sequence);
        return [half, end(request, messageFlags.dumpInterrupted)];
      }),
    );
    expect(gateways(kernel)).toEqual(['192.0.2.1']);
  });

  test('a kernel that changes faster than it can be read is busy, and nothing is left open', () => {
    const scripted = new ScriptedLibc((request) => [end(request, messageFlags.dumpInterrupted)]);
    expect(openOn(scripted)).toMatchObject({ ok: false, problem: { code: 'kernel.busy' } });
    expect(scripted.closed).toEqual([3, 4]);
  });

  test.each([
    ['EPERM', 'privilege.missing'],
    ['EACCES', 'privilege.missing'],
    ['EPROTONOSUPPORT', 'kernel.unreadable'],
  ] as const)('where the socket is refused with %s, it says %s', (errno, code) => {
    const scripted = new ScriptedLibc(() => []);
    scripted.socketError = errnos[errno];
    expect(openOn(scripted)).toMatchObject({ ok: false, problem: { code } });
  });

  test('a kernel that does not answer cannot be read', () => {
    expect(openOn(new ScriptedLibc(() => []))).toMatchObject({ ok: false, problem: { code: 'kernel.unreadable' } });
  });
});

describe('following', () => {
  test('all that lies ready comes to a listener in one batch', () => {
    const scripted = new ScriptedLibc(world(() => []));
    const kernel = kernelOn(scripted);
    const batches: number[] = [];
    kernel.subscribe((changes) => batches.push(changes.length));
    for (let metric = 1; metric <= 50; metric++) scripted.events.push(routeMessage('newRoute', { ...route, metric }));
    scripted.wake();
    scripted.wake();
    expect(batches).toEqual([50]);
  });

  test('what another process sends is not the word of the kernel', () => {
    const scripted = new ScriptedLibc(world(() => []));
    const kernel = kernelOn(scripted);
    scripted.events.push({ from: 4711, datagram: routeMessage('newRoute', route) });
    scripted.wake();
    expect(kernel.state.routes.size).toBe(0);
  });

  test('DISC-1: after an overflow what was held is read, then everything anew; watching goes on; it is reported', () => {
    let routes: readonly Route[] = [];
    const scripted = new ScriptedLibc(world(() => routes));
    const kernel = kernelOn(scripted);
    // The route came and went: that it went is among what was lost. Another one came, and is in the dump alone.
    routes = [{ ...route, metric: 7 }];
    scripted.events.push(-errnos.ENOBUFS, routeMessage('newRoute', route));
    scripted.wake(-errnos.EBADF);
    expect([...kernel.state.routes.values()]).toEqual(routes);
    expect(problems.map(({ code }) => code)).toEqual(['netlink.overflow']);
    expect(scripted.restarts).toBe(1);
  });

  test('an overflow of more than one turn is made up for when all that was held has been read', () => {
    const scripted = new ScriptedLibc(world(() => []));
    const kernel = kernelOn(scripted);
    scripted.events.push(-errnos.ENOBUFS);
    for (let metric = 1; metric <= 4200; metric++) scripted.events.push(routeMessage('newRoute', { ...route, metric }));
    scripted.wake();
    expect(problems).toEqual([]);
    scripted.wake();
    expect(problems.map(({ code }) => code)).toEqual(['netlink.overflow']);
    expect(kernel.state.routes.size).toBe(0);
  });

  test('resync reports what differs as changes, once', async () => {
    let routes = [route];
    const kernel = kernelOn(new ScriptedLibc(world(() => routes)));
    const heard: unknown[] = [];
    kernel.subscribe((changes) => heard.push(...changes));
    await kernel.resync();
    expect(heard).toEqual([]);
    routes = [{ ...route, gateway: '192.0.2.9' }];
    await kernel.resync();
    await kernel.resync();
    expect(heard).toMatchObject([
      { object: 'route', before: { gateway: '192.0.2.1' }, after: null },
      { object: 'route', before: null, after: { gateway: '192.0.2.9' } },
    ]);
  });
});

describe('operations', () => {
  const flagsOf = ({ flags }: NetlinkMessage): readonly boolean[] => [
    (flags & messageFlags.create) !== 0,
    (flags & messageFlags.exclusive) !== 0,
    (flags & messageFlags.replace) !== 0,
  ];

  test('a route in a free place is created, and only then; one of ours is replaced', async () => {
    const scripted = new ScriptedLibc(world(() => []));
    const kernel = kernelOn(scripted);
    expect(await kernel.execute(replace)).toEqual({ ok: true });
    expect(scripted.requests.slice(-1).map(flagsOf)).toEqual([[true, true, false]]);
    scripted.events.push(routeMessage('newRoute', { ...route, gateway: '192.0.2.9' }));
    expect(await kernel.execute(replace)).toEqual({ ok: true });
    expect(scripted.requests.slice(-1).map(flagsOf)).toEqual([[true, false, true]]);
  });

  test('ROUT-5: where another program was faster by a hair, its route stays', async () => {
    const scripted = new ScriptedLibc(world(() => []));
    const kernel = kernelOn(scripted);
    scripted.script = (request) => {
      scripted.events.push(routeMessage('newRoute', { ...route, protocol: 4 }));
      return [answer(request, errnos.EEXIST)];
    };
    const before = scripted.requests.length;
    expect(await kernel.execute(replace)).toMatchObject({ ok: false, retry: 'permanent', code: 'kernel.refused' });
    expect(scripted.requests.length - before).toBe(1);
  });

  test('a route by a link that is gone is not sent: the kernel would blame the gateway', async () => {
    const scripted = new ScriptedLibc(world(() => []));
    const kernel = kernelOn(scripted);
    const before = scripted.requests.length;
    const gone: KernelOperation = { ...replace, route: { ...replace.route, linkIndex: 99 } };
    expect(await kernel.execute(gone)).toMatchObject({ retry: 'retryable', code: 'kernel.vanished' });
    expect(scripted.requests).toHaveLength(before);
  });

  test('an answer to an earlier request is passed over, and the words of the kernel are told', async () => {
    const scripted = new ScriptedLibc(world(() => []));
    const kernel = kernelOn(scripted);
    scripted.script = (request) => [
      answer({ ...request, sequence: request.sequence - 1 }, 0),
      answer(request, errnos.ENETUNREACH, 'Nexthop has invalid gateway'),
    ];
    expect(await kernel.execute(replace)).toEqual({
      ok: false,
      retry: 'retryable',
      code: 'kernel.refused',
      message: 'Nexthop has invalid gateway (ENETUNREACH)',
    });
  });

  test('a closed kernel does nothing, tells nothing, and may be closed again', async () => {
    const scripted = new ScriptedLibc(world(() => []));
    const kernel = kernelOn(scripted);
    let heard = 0;
    kernel.subscribe(() => heard++);
    await kernel.close();
    await kernel.close();
    scripted.events.push(routeMessage('newRoute', route));
    scripted.wake();
    await kernel.settle();
    await kernel.resync();
    expect(await kernel.execute(replace)).toMatchObject({ ok: false, code: 'kernel.vanished' });
    expect(kernel.counters(linkIndex)).toBeNull();
    expect([heard, scripted.closed]).toEqual([0, [3, 4]]);
  });
});
