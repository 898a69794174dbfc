import { expect, test } from 'vitest';
import type { KernelTarget } from '../../../../src/effects/ports.ts';
import { Reconciler } from '../../../../src/effects/network/reconciler.ts';
import type { Lease } from '../../../../src/model/lease.ts';
import { noNetwork, type NetworkIntent } from '../../../../src/model/network.ts';
import { seconds } from '../../../../src/model/units.ts';
import { FakeKernel } from '../../../fakes/kernel/fake-kernel.ts';
import { SimulatedTime } from '../../../fakes/simulated-time.ts';
import { fakeSettings, memoryJournal, memoryLinkJournal, routing } from '../support.ts';

const lease = (address: string): Lease => ({
  address,
  prefixLength: 24,
  gateway: null,
  routes: [],
  dns: [],
  mtu: 1400,
  server: null,
  duration: null,
});

/** A node on which a former run was killed, with a lease on a link that it had set up. */
async function afterCrash() {
  const time = new SimulatedTime();
  const kernel = new FakeKernel();
  const index = kernel.network.addLink({ name: 'usb0' });
  const links = memoryLinkJournal();
  const startOn = (its: KernelTarget): Reconciler =>
    new Reconciler({
      kernel: its,
      settings: fakeSettings(kernel),
      journal: memoryJournal(),
      links,
      routing,
      scheduler: time,
    });
  const start = (): Reconciler => startOn(kernel);
  const wanting = (address: string): NetworkIntent => ({
    ...noNetwork,
    raised: [index],
    leases: [{ index, name: 'usb0', lease: lease(address) }],
  });
  const connection = kernel.another();
  const former = startOn(connection);
  former.setIntent(wanting('10.0.0.2'));
  await former.settled();
  await connection.close();
  await kernel.settle();
  const seen = () => {
    const link = kernel.truth().links.get(index);
    const own = [...kernel.truth().addresses.values()].filter(
      (one) => one.linkIndex === index && one.family === 'ipv4',
    );
    return { addresses: own.map(({ address }) => address), mtu: link?.mtu, isUp: link?.isUp };
  };
  const held = { addresses: ['10.0.0.2'], mtu: 1400, isUp: true };
  expect(seen()).toEqual(held);
  return { time, kernel, index, links, start, wanting, seen, held };
}

const asBefore = { addresses: [], mtu: 1500, isUp: false };

test('ROUT-8: what a former run has put on links stays for a minute, for this one may have the lease again', async () => {
  const { time, start, seen, held, links } = await afterCrash();
  const next = start();
  next.setIntent({ ...noNetwork, throttled: [] });
  await next.settled();
  await time.run(seconds(59));
  expect(seen()).toEqual(held);
  await time.run(seconds(2));
  await next.settled();
  expect(seen()).toEqual(asBefore);
  expect([links.addresses.size, links.links.size]).toEqual([0, 0]);
});

test('ROUT-8: a lease takes it over without a gap, and once it was wanted again it goes as soon as it is not', async () => {
  const { time, start, wanting, seen, held } = await afterCrash();
  const next = start();
  next.setIntent({ ...noNetwork, throttled: [] });
  await time.run(seconds(5));
  next.setIntent(wanting('10.0.0.2'));
  await next.settled();
  expect(seen()).toEqual(held);
  next.setIntent(noNetwork);
  await next.settled();
  expect(seen()).toEqual(asBefore);
});

test('ROUT-8: at the end, and by cleanup, nothing of it is kept', async () => {
  const { start, seen } = await afterCrash();
  expect(await start().stop()).toEqual([]);
  expect(seen()).toEqual(asBefore);
});

test('an MTU and an address that others take away are put back at once', async () => {
  const { kernel, index, start, wanting, seen, held } = await afterCrash();
  const next = start();
  next.setIntent(wanting('10.0.0.2'));
  await next.settled();
  kernel.removeAddress(index, '10.0.0.2/24');
  await kernel.settle();
  await next.settled();
  expect(seen()).toEqual(held);
  kernel.network.setMtu(index, 1500);
  await kernel.settle();
  await next.settled();
  expect(seen()).toEqual(held);
});
