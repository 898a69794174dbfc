import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, Service } from '../../../lab/process.ts';
import { ip, type Provider } from '../guest/internet.ts';
import { untilLink } from '../guest/links.ts';
import { loadModules, options } from '../guest/machine.ts';
import { until } from '../guest/suite.ts';

/** NAP of the Bluetooth PAN profile: a device that shares its way out. */
const nap = '00001116-0000-1000-8000-00805f9b34fb';
const bridge = 'pan0';

/** A phone that shares its way out by Bluetooth PAN: emulated radios, and the real bluetoothd. */
export class BluetoothPhone {
  readonly address: string;
  readonly #device: string;

  private constructor(address: string) {
    this.address = address;
    this.#device = `/org/bluez/hci1/dev_${address.replaceAll(':', '_')}`;
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

  /** Resolves with the node's link, when there is one. */
  async connect(): Promise<string> {
    // Right after it was disconnected it is busy for a while.
    const isConnected = async (): Promise<boolean> =>
      this.#call('ConnectProfile', 's', nap).then(
        () => true,
        (error: unknown) => {
          if (String(error).includes('br-connection-busy')) return false;
          throw error;
        },
      );
    await until(isConnected, 'the profile is connected', { timeoutMs: 20_000, pauseMs: 500 });
    return untilLink(BluetoothPhone.link, "the node's link is there");
  }

  async disconnect(): Promise<void> {
    await this.#call('Disconnect');
  }

  /** The node's end: the phone's is a port of the bridge. */
  static link(this: void): string | null {
    const links = readdirSync('/sys/class/net').filter((name) => name.startsWith('bnep'));
    return links.find((name) => !existsSync(`/sys/class/net/${name}/master`)) ?? null;
  }

  async #call(method: string, ...args: readonly string[]): Promise<void> {
    await run('busctl', ['--system', 'call', 'org.bluez', this.#device, 'org.bluez.Device1', method, ...args]);
  }
}
