import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, Service } from '../../../lab/process.ts';
import { ip, type Provider } from '../guest/internet.ts';
import { loadModules, options } from '../guest/machine.ts';
import { until } from '../guest/suite.ts';

const bridge = 'pan0';

/** For the node's configuration: the phone is the same machine, and its end, which is the first of the two, is not the node's. */
export const notThePhonesEnd = '[interfaces]\nexclude = ["bnep0"]';

/** A phone that shares its way out by Bluetooth PAN: emulated radios, and the real bluetoothd. */
export class BluetoothPhone {
  readonly address: string;

  private constructor(address: string) {
    this.address = address;
  }

  /** Resolves when the node and the phone are paired. */
  static async pair(provider: Provider): Promise<BluetoothPhone> {
    await loadModules('bluetooth', 'hci_vhci', 'bnep', 'bridge');
    mkdirSync('/run/dbus', { recursive: true });
    mkdirSync('/etc/bluetooth', { recursive: true });
    // Its end of the PAN is a port of a bridge, which bluetoothd looks for where it is itself.
    await ip(`link add ${bridge} type bridge`, `link set ${bridge} up`);
    await ip(`link add pan-port type veth peer name pan-far`, `link set pan-port master ${bridge} up`);
    await provider.share('pan-far');

    const started = (file: string, ...args: readonly string[]): Service =>
      new Service(file, args, { onLine: (line) => console.log(`${file.replace(/.*\//u, '')}: ${line}`) });
    started('dbus-daemon', '--system', '--nofork', '--nopidfile');
    await until(() => existsSync('/run/dbus/system_bus_socket'), 'there is a bus');
    started('btvirt', '-B', '-B', '-l2');
    await until(() => existsSync('/sys/class/bluetooth/hci1'), 'there are two radios');
    writeFileSync('/etc/bluetooth/network.conf', '[General]\nDisableSecurity=true\n');
    started('/usr/libexec/bluetooth/bluetoothd', '-n');
    const isThere = async (): Promise<boolean> =>
      run('busctl', ['--system', 'introspect', 'org.bluez', '/org/bluez/hci1']).then(
        (said) => said.includes('org.bluez.Adapter1'),
        () => false,
      );
    await until(isThere, 'bluetoothd has both radios', { timeoutMs: 30_000, pauseMs: 300 });
    const script = join(options.project, 'test/hardware/bluetooth/phone.py');
    const line = await started('python3', script, bridge).line((said) => said.startsWith('paired '), 60_000);
    return new BluetoothPhone(line.slice('paired '.length));
  }

  /** The phone switches its tethering off. */
  async disconnect(): Promise<void> {
    const said = await bluez('get-property', '/org/bluez/hci1', 'org.bluez.Adapter1', 'Address');
    const node = /[0-9A-F:]{17}/u.exec(said)?.[0] ?? '';
    await bluez('call', `/org/bluez/hci0/dev_${node.replaceAll(':', '_')}`, 'org.bluez.Device1', 'Disconnect');
  }

  /** Resolves with the node's end when somebody has called the phone; its own end is a port of the bridge. */
  async connected(timeoutMs: number): Promise<string> {
    let link = '';
    const isThere = (): boolean => {
      const ends = readdirSync('/sys/class/net').filter((name) => name.startsWith('bnep'));
      link = ends.find((name) => !existsSync(`/sys/class/net/${name}/master`)) ?? '';
      return link !== '';
    };
    await until(isThere, `${this.address} is connected`, { timeoutMs });
    return link;
  }
}

const bluez = async (verb: string, ...args: readonly string[]): Promise<string> =>
  run('busctl', ['--system', verb, 'org.bluez', ...args]);
