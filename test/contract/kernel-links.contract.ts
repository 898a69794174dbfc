import { describe, expect, test } from 'vitest';
import { mainTable } from '../../src/model/kernel.ts';
import { done, type AddressRecord, type DesiredAddress, type LinkChange } from '../../src/model/network.ts';
import type { KernelOperation } from '../../src/effects/ports.ts';
import { bothFamilies, type Stage } from './kernel-stage.ts';
import { addressesOf, plans } from './kernel-world.ts';
import type { Family } from '../../src/model/family.ts';

const words = { target: 'an object of the contract', because: 'the contract is tested' } as const;

const wanted = (family: Family, linkIndex: number, more: Partial<DesiredAddress> = {}): DesiredAddress => ({
  family,
  linkIndex,
  interface: 'wan0',
  address: family === 'ipv4' ? '198.51.100.7' : '2001:db8:5::7',
  prefixLength: plans[family].length,
  metric: 1024,
  isTakenUp: true,
  because: words.because,
  ...more,
});

const add = (address: DesiredAddress): KernelOperation => ({ ...words, type: 'address.add', address });
const remove = (address: AddressRecord): KernelOperation => ({ ...words, type: 'address.delete', address });
const change = (linkIndex: number, more: Partial<LinkChange>): KernelOperation => ({
  ...words,
  type: 'link.set',
  change: { linkIndex, isUp: null, mtu: null, ...more },
  record: { linkIndex, interface: 'wan0', wasRaised: false, mtu: null },
});

/** What it does to links and their addresses. */
export function describeWhatItDoesToLinks(stage: Stage): void {
  describe('What it does to links', () => {
    test.each(bothFamilies)('an address is put on its link, once, and taken away, once (%s)', async (family) => {
      const index = await stage.uplink();
      const address = wanted(family, index);
      expect(await stage.kernel.execute(add(address))).toEqual(done);
      await stage.witness.heard();
      const its = addressesOf(stage.kernel.state, index).find((one) => one.address === address.address);
      expect(its).toMatchObject({ family, prefixLength: address.prefixLength, scope: 'global', peer: null });
      expect(await stage.kernel.execute(add(address))).toMatchObject({ ok: false, retry: 'satisfied' });
      await stage.witness.until(({ addresses }) => [...addresses.values()].every(({ isTentative }) => !isTentative));
      expect(await stage.kernel.execute(remove(address))).toEqual(done);
      expect(await stage.kernel.execute(remove(address))).toMatchObject({ ok: false, retry: 'satisfied' });
      await stage.witness.heard();
      expect(addressesOf(stage.kernel.state, index).map((one) => one.address)).not.toContain(address.address);
    });

    test('TETH-2: the network of an address is reached by main, behind what others have put there', async () => {
      const index = await stage.uplink();
      await stage.kernel.execute(add(wanted('ipv4', index)));
      await stage.witness.heard();
      const routes = [...stage.kernel.state.routes.values()].filter(
        ({ table, destination }) => table === mainTable && destination === '198.51.100.0/24',
      );
      expect(routes).toMatchObject([{ linkIndex: index, metric: 1024, protocol: 2, gateway: null }]);
    });

    test('an address of another length, or on another link, is another address', async () => {
      const index = await stage.uplink();
      const address = wanted('ipv4', index);
      await stage.kernel.execute(add(address));
      expect(await stage.kernel.execute(remove({ ...address, prefixLength: 25 }))).toMatchObject({
        retry: 'satisfied',
      });
      await stage.witness.heard();
      expect(addressesOf(stage.kernel.state, index).map((one) => one.address)).toContain(address.address);
    });

    test('an address of a link that is gone cannot be put there, and need not be taken away', async () => {
      const index = await stage.uplink();
      stage.world.remove(index);
      expect(await stage.kernel.execute(add(wanted('ipv4', index)))).toMatchObject({
        ok: false,
        code: 'kernel.vanished',
      });
      expect(await stage.kernel.execute(remove(wanted('ipv4', index)))).toMatchObject({
        ok: false,
        retry: 'satisfied',
      });
      await stage.witness.heard();
    });

    test('a link is set up and down, and its MTU is set', async () => {
      const index = stage.world.addLink('wan0');
      expect(await stage.kernel.execute(change(index, { isUp: true }))).toEqual(done);
      await stage.witness.until(({ links }) => links.get(index)?.isUp === true);
      expect(await stage.kernel.execute(change(index, { mtu: 1400 }))).toEqual(done);
      await stage.witness.until(({ links }) => links.get(index)?.mtu === 1400);
      expect(stage.kernel.state.links.get(index)?.isUp).toBe(true);
      expect(await stage.kernel.execute(change(index, { isUp: false, mtu: 1500 }))).toEqual(done);
      await stage.witness.until(({ links }) => links.get(index)?.isUp === false);
      expect(stage.kernel.state.links.get(index)?.mtu).toBe(1500);
    });

    test('an MTU that the device cannot have is refused for good, and a link that is gone is said', async () => {
      const index = await stage.uplink();
      expect(await stage.kernel.execute(change(index, { mtu: 70_000 }))).toMatchObject({
        ok: false,
        retry: 'permanent',
      });
      stage.world.remove(index);
      expect(await stage.kernel.execute(change(index, { isUp: true }))).toMatchObject({
        ok: false,
        code: 'kernel.vanished',
      });
      await stage.witness.heard();
    });
  });
}
