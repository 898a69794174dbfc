import assert from 'node:assert/strict';
import { hosts, Internet, type Cable, type Provider } from '../guest/internet.ts';
import { isUp, linkWithAddress, linkWithDriver, untilLink } from '../guest/links.ts';
import { loadModules, MachineMonitor } from '../guest/machine.ts';
import { GuestNode, quick } from '../guest/node.ts';
import { PacketStream } from '../guest/stream.ts';
import { suite, until, type Test } from '../guest/suite.ts';
import { Gadget, type GadgetFunction } from './gadget.ts';

const drivers = ['cdc_ether', 'rndis_host', 'cdc_ncm'];
const mac = '02:11:22:33:44:55';

/** A phone in one of its kinds. */
interface Phone {
  readonly what: string;
  readonly driver: string;
  plug(): Promise<void>;
  unplug(): Promise<void>;
}

/** Phones that share their way out by USB, plugged and unplugged beside a cable. */
await suite(async (test) => {
  await loadModules('xhci_pci', 'virtio_net', 'usbnet', 'cdc_ether', 'rndis_host', 'cdc_ncm');
  await Gadget.prepare();
  const monitor = await MachineMonitor.open();
  const far = await untilLink(() => linkWithAddress('52:54:00:00:02:01'), "the phone's end is there");
  const internet = await Internet.create();
  const cable = await internet.connect('cable0', 1, 100);
  const provider = await internet.provider('phone', 42);
  await provider.share(far);

  await using node = new GuestNode(`${quick}\n[interfaces]\ninclude = ["cable0", "usb*", "enx*"]\n`);
  await node.start();
  await node.untilActive('cable0');

  const emulated: Phone = {
    what: "QEMU's usb-net",
    driver: 'cdc_ether',
    plug: async () => monitor.plug({ driver: 'usb-net', id: 'phone', netdev: 'net-phone', bus: 'xhci.0', mac }),
    unplug: async () => monitor.unplug('phone'),
  };
  await tryPhone(test, { node, cable, phone: emulated });
  const gadgets: readonly (readonly [GadgetFunction, string])[] = [
    ['rndis', 'rndis_host'],
    ['ecm', 'cdc_ether'],
    ['ncm', 'cdc_ncm'],
  ];
  for (const [kind, driver] of gadgets) {
    const own = await internet.provider(`phone-${kind}`, 43 + gadgets.findIndex(([other]) => other === kind));
    await tryPhone(test, { node, cable, phone: gadgetPhone(kind, driver, own) });
  }
  await test('the daemon gives the network back as it was', async () => {
    assert.deepEqual(await node.stop(), { code: 0, left: [] });
  });
});

function gadgetPhone(kind: GadgetFunction, driver: string, provider: Provider): Phone {
  let gadget: Gadget | undefined;
  return {
    what: `a gadget by ${kind}`,
    driver,
    plug: async () => {
      gadget = Gadget.plug(kind, `lab-${kind}`);
      const name = await untilLink(() => linkWithDriver(...drivers), 'the kernel has a link for it');
      // The gadget driver for ECM tells of its carrier once: what is told before anyone listens is lost.
      await until(() => isUp(name), 'the daemon has set the link up');
      await provider.share(gadget.link);
    },
    unplug: async () => {
      gadget?.unplug();
      return Promise.resolve();
    },
  };
}

async function tryPhone(suiteTest: Test, { node, cable, phone }: { node: GuestNode; cable: Cable; phone: Phone }) {
  // Titles are written out, so that they can be cited; which phone it is stands before them.
  const test: Test = async (title, ...more) => suiteTest(`${phone.what}: ${title}`, ...more);
  const link = (): string | null => linkWithDriver(...drivers);
  await test('TETH-1: plugged in, it becomes an uplink of the right type with an address', async () => {
    const began = performance.now();
    await phone.plug();
    const name = await untilLink(link, 'the kernel has a link for it');
    const status = await node.until(
      ({ interfaces }) => interfaces.some((one) => one.name === name && one.candidate && one.reachable.ipv4),
      `${name} is a candidate that is reachable`,
      40_000,
    );
    const took = Math.round(performance.now() - began);
    const found = status.interfaces.find((one) => one.name === name);
    assert.equal(found?.type, 'usbTether');
    assert.equal(found?.driver, phone.driver);
    return `${name}, ${found?.evidence}, a candidate after ${took} ms`;
  });
  await test('TETH-1: it carries the traffic when the cable is pulled', async () => {
    const name = await untilLink(link, 'it is there');
    const stream = await PacketStream.start(hosts.far);
    await cable.pull();
    const took = await node.untilActive(name);
    const { gapMs } = await stream.end();
    assert.ok(gapMs <= 2000, `a gap of ${gapMs} ms`);
    return `after ${took} ms, longest gap ${gapMs} ms`;
  });
  await test('TETH-1: unplugged while it carries the traffic, it is left at once, and nothing of it stays', async () => {
    const name = await untilLink(link, 'it is there');
    await node.daemon.pin(name);
    await cable.plug();
    await node.untilReachable('cable0');
    const stream = await PacketStream.start(hosts.far);
    await phone.unplug();
    const took = await node.untilActive('cable0');
    const { gapMs } = await stream.end();
    await node.daemon.pin(null);
    const gone = await node.until(({ interfaces }) => interfaces.every((one) => one.name !== name), `${name} is gone`);
    assert.deepEqual(gone.tethers, []);
    assert.ok(gapMs <= 2000, `a gap of ${gapMs} ms`);
    return `after ${took} ms, longest gap ${gapMs} ms`;
  });
}
