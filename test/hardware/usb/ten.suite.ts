import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Namespace } from '../../../lab/namespace.ts';
import type { Status } from '../../../src/model/status.ts';
import type { TetherStatus } from '../../../src/model/tether.ts';
import { serveLeases } from '../guest/dhcp.ts';
import { Internet, Provider } from '../guest/internet.ts';
import { isUp, linkWithAddress } from '../guest/links.ts';
import { loadModules, workFolder } from '../guest/machine.ts';
import { differences, GuestNode, programsOf, quick, surroundings } from '../guest/node.ts';
import { suite, until } from '../guest/suite.ts';
import { Gadget, type GadgetFunction } from './gadget.ts';

/** What a phone has behind it: a way out; nothing that gives addresses; addresses, and nothing beyond. */
type Sort = 'online' | 'silent' | 'offline';
type Kind = readonly [kind: GadgetFunction, sort: Sort];
const kinds: readonly Kind[] = [
  ['rndis', 'online'],
  ['ecm', 'online'],
  ['ncm', 'online'],
  ['rndis', 'silent'],
  ['ecm', 'online'],
  ['ncm', 'offline'],
  ['rndis', 'online'],
  ['ecm', 'silent'],
  ['ncm', 'online'],
  ['rndis', 'offline'],
];

/** How each sort ends: its state, or the code of what is wrong. */
const outcomes: Readonly<Record<Sort, string>> = {
  online: 'ready',
  silent: 'lease.none',
  offline: 'tether.notValidated',
};

/** `dhcpTimeout`, 30 s, and the time in which something is to answer, 15 s; the rest is for the emulated processor. */
const untilDecided = 150_000;
/** Ten devices that are found at once keep the emulated processor busy for seconds. */
const slowly = { timeoutMs: 60_000, pauseMs: 100 };

/** The moments of one phone, by the clock of the machine. */
interface Times {
  pluggedAt: number;
  /** The kernel has a link for it. */
  foundAt: number;
  /** The daemon has set its link up: what comes now, until it shares its connection, is the phone's own time. */
  raisedAt: number;
  sharedAt: number;
}

/** Ten phones, each of its own make, in ten ports of one machine. */
await suite(async (test) => {
  await loadModules('usbnet', 'cdc_ether', 'rndis_host', 'cdc_ncm');
  await Gadget.prepare(kinds.length);
  const internet = await Internet.create();
  await internet.connect('cable0', 1, 100);
  const providers = await Promise.all(
    kinds.map(async ([, sort], port) =>
      sort === 'online'
        ? internet.provider(`phone${port}`, 40 + port)
        : new Provider(await Namespace.create(`phone${port}`), `10.${40 + port}.0`),
    ),
  );
  const served = kinds.map((): { askedAt: number; grantedAt: number } => ({ askedAt: 0, grantedAt: 0 }));
  for (const [port, { namespace, network }] of providers.entries()) {
    if (kinds[port]?.[1] === 'silent') continue;
    const serving = served[port] as { askedAt: number; grantedAt: number };
    await serveLeases(namespace, 'phone*', network, (line) => {
      if (line.includes('DHCPDISCOVER')) serving.askedAt ||= Date.now();
      if (line.includes('DHCPACK')) serving.grantedAt ||= Date.now();
    });
  }
  // Ten uplinks that are probed each second would be all that the emulated processor can do.
  const slow = quick.replace('interval = "1s"', 'interval = "5s"');
  await using node = new GuestNode(`${slow}\n[interfaces]\ninclude = ["cable0", "usb*", "enx*"]\n`);
  await node.start();
  await node.untilActive('cable0');
  const before = await surroundings();
  let gadgets: readonly Gadget[] = [];

  const plug = async (port: number, gadget: Gadget, times: Times): Promise<void> => {
    let name = '';
    const isThere = (): boolean => (name = linkWithAddress(Gadget.addressIn(port)) ?? '') !== '';
    await until(isThere, `the link of phone ${port} is there`, slowly);
    times.foundAt = Date.now();
    await until(() => isUp(name), `the daemon has set the link of phone ${port} up`, slowly);
    times.raisedAt = Date.now();
    await providers[port]?.share(gadget.link, 'none');
    times.sharedAt = Date.now();
  };

  await test(
    'TETH-1: ten phones that are plugged in at once are each ready, or failed with a reason',
    async () => {
      const times = kinds.map((): Times => ({ pluggedAt: 0, foundAt: 0, raisedAt: 0, sharedAt: 0 }));
      gadgets = kinds.map(([kind], port) => {
        const gadget = Gadget.plug(kind, serialOf(port), port);
        (times[port] as Times).pluggedAt = Date.now();
        return gadget;
      });
      await Promise.all(gadgets.map(async (gadget, port) => plug(port, gadget, times[port] as Times)));
      const said: string[] = [];
      const { tethers } = await node.until(
        (status) => kinds.every(([, sort], port) => howIs(phoneIn(status, port)) === outcomes[sort]),
        'each of the ten is ready or has failed',
        untilDecided,
      );
      for (const [port, [kind, sort]] of kinds.entries()) {
        if (sort !== 'online') continue;
        const { since, managedBy } = phoneIn({ tethers }, port) as TetherStatus;
        assert.equal(managedBy, 'backhauld');
        const { pluggedAt, foundAt, raisedAt, sharedAt } = times[port] as Times;
        const { askedAt, grantedAt } = served[port] as { askedAt: number; grantedAt: number };
        const took = Date.parse(since) - foundAt;
        const beyond = took - (sharedAt - raisedAt) - (grantedAt - askedAt);
        said.push(`${kind} ${beyond} ms (found after ${foundAt - pluggedAt})`);
      }
      return `from the kernel's link to ready, beyond the phone's and its server's own time: ${said.join(', ')}`;
    },
    { timeoutMs: 300_000 },
  );

  await test('TETH-1: when all ten are unplugged at once, no program, address, route, rule or file of theirs is left', async () => {
    assert.equal(programsOf(/^udhcpc$/u).length, kinds.length, 'each has a client of its own');
    for (const gadget of gadgets) gadget.pull();
    const took = await node
      .until(({ interfaces, tethers }) => tethers.length === 0 && interfaces.length === 1, 'all ten are gone')
      .then(async () => until(async () => differences(before, await surroundings()).length === 0, 'nothing is left'))
      .catch(async (error: unknown) => {
        assert.deepEqual(differences(before, await surroundings()), []);
        throw error;
      });
    const kept = readFileSync(join(workFolder, 'node/state/leases.json'), 'utf8');
    assert.doesNotMatch(kept, /usb\d/u, 'no lease is kept for another run');
    const status = await node.daemon.status();
    assert.equal(status.active.ipv4?.iface, 'cable0');
    assert.deepEqual(status.problems, []);
    return `${took} ms after they were gone`;
  });

  await test('the daemon gives the network back as it was', async () => {
    for (const gadget of gadgets) gadget.remove();
    assert.deepEqual(await node.stop(), { code: 0, left: [] });
  });
});

function serialOf(port: number): string {
  return `LABPHONE${port}X`;
}

function phoneIn({ tethers }: Pick<Status, 'tethers'>, port: number): TetherStatus | undefined {
  return tethers.find(({ identity }) => identity === `usb serial ${serialOf(port)}`);
}

/** The reason stands while it is tried again. */
function howIs(tether: TetherStatus | undefined): string | undefined {
  return tether?.problem?.code ?? tether?.state;
}
