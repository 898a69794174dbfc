import assert from 'node:assert/strict';
import { run } from '../../../lab/process.ts';
import { BluetoothPhone, notThePhonesEnd } from '../bluetooth/phone.ts';
import { takeLease } from '../guest/dhcp.ts';
import { hosts, Internet, ip } from '../guest/internet.ts';
import { isUp, linkWithAddress, linkWithDriver, untilLink } from '../guest/links.ts';
import { loadModules, MachineMonitor } from '../guest/machine.ts';
import { GuestNode, quick } from '../guest/node.ts';
import { PacketStream } from '../guest/stream.ts';
import { suite, until } from '../guest/suite.ts';
import { UsbModem } from '../lte/usb-modem.ts';
import { Gadget } from '../usb/gadget.ts';
import { AccessPoint } from '../wifi/access-point.ts';
import { createRadios } from '../wifi/radios.ts';
import { Station } from '../wifi/station.ts';

const home = { ssid: 'Home', key: 'home-password', channel: 6, network: '10.5.0' } as const;

/** Equally good, and equally often looked at: emulation makes some slower, and phones are asked every 5 min by default. */
const equal = `
[scoring]
weightLatency = 0
[[uplink]]
match = "usb*"
policy = "unrestricted"
[[uplink]]
match = "bnep*"
policy = "unrestricted"
`;

/** All five media in one machine. */
await suite(async (test) => {
  await loadModules('e1000', 'virtio_net');
  await createRadios(2, 'DE');
  await UsbModem.prepare();
  await Gadget.prepare();
  const monitor = await MachineMonitor.open();
  const internet = await Internet.create();

  const card = await untilLink(() => linkWithAddress('52:54:00:00:01:01'), 'the card is there');
  const far = await untilLink(() => linkWithAddress('52:54:00:00:01:02'), 'the far end is there');
  await run('ip', ['link', 'set', far, 'netns', internet.namespace.name]);
  await internet.namespace.ip(`address add 10.1.0.1/24 dev ${far}`, `link set ${far} up`);
  await ip(`address add 10.1.0.2/24 dev ${card}`, `link set ${card} up`);
  await ip(`route add default via 10.1.0.1 dev ${card} metric 100`);

  const accessPoint = await AccessPoint.create('home', 1, home);
  await internet.giveWayOut(accessPoint.namespace, 5);
  await accessPoint.open();
  await new Station('node', null, 'wlan0').join({ ...home, security: 'wpa2', channels: [home.channel] });
  await takeLease(null, 'wlan0', 200);

  const carrier = await internet.provider('carrier', 51);
  const stick = await UsbModem.plug(carrier);
  await stick.connect(carrier, ['100.64.3.1', '100.64.3.2']);

  const bluetooth = await BluetoothPhone.pair(await internet.provider('phone', 61));
  const phone = await internet.provider('phone-ncm', 62);

  await using node = new GuestNode(
    `${quick}\n${equal}\n${notThePhonesEnd}\n[bluetoothPan]\nconnect = ["${bluetooth.address}"]\n`,
  );
  await node.start();
  const gadget = Gadget.plug('ncm', 'lab-ncm');
  const usb = await untilLink(() => linkWithDriver('cdc_ncm'), 'the kernel has a link for the phone');
  await until(() => isUp(usb), 'the daemon has set the link up');
  await phone.share(gadget.link);
  const pan = await bluetooth.connected(60_000);

  const links = [card, 'wlan0', stick.link, usb, pan];
  await test(
    'SCOR-1: five media that are equally good rank Ethernet, Wi-Fi, LTE, USB tether, Bluetooth PAN',
    async () => {
      const areAll = await node.until(
        ({ interfaces }) => links.every((name) => interfaces.some((one) => one.name === name && one.reachable.ipv4)),
        `${links.join(', ')} are reachable`,
        60_000,
      );
      const typeOf = (name: string) => areAll.interfaces.find((one) => one.name === name)?.type;
      assert.deepEqual(links.map(typeOf), ['ethernet', 'wifi', 'lteModem', 'usbTether', 'bluetoothPan']);
      const { ranking, interfaces } = await node.until(
        (status) => status.ranking.ipv4.join() === links.join(),
        `they rank ${links.join(', ')}`,
        60_000,
      );
      const scores = ranking.ipv4.map((name) => interfaces.find((one) => one.name === name)?.score.total);
      return `${ranking.ipv4.join(' > ')}, scores ${scores.join(', ')}`;
    },
    { timeoutMs: 150_000 },
  );

  const losses: readonly (readonly [what: string, lose: () => Promise<void>])[] = [
    ['the cable is pulled', () => monitor.setLink('card', false)],
    ['the access point goes', () => accessPoint.close()],
    ['the LTE stick is pulled out', () => stick.unplug()],
    [
      'the phone is unplugged',
      () => {
        gadget.unplug();
        return Promise.resolve();
      },
    ],
  ];
  for (const [at, [what, lose]] of losses.entries()) {
    const next = links[at + 1] ?? '';
    await test(`${what}: ${next} carries the traffic`, async () => {
      const stream = await PacketStream.start(hosts.far);
      await lose();
      const took = await node.untilActive(next, 30_000);
      const { gapMs } = await stream.end();
      assert.ok(gapMs <= 5000, `a gap of ${gapMs} ms`);
      return `after ${took} ms, longest gap ${gapMs} ms`;
    });
  }
  await test('the Bluetooth phone goes: nothing is left to use', async () => {
    await bluetooth.disconnect();
    return `after ${await node.untilActive(null, 30_000)} ms`;
  });
});
