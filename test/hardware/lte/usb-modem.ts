import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, Service } from '../../../lab/process.ts';
import { ip, type Provider } from '../guest/internet.ts';
import { linkWithDriver, untilLink } from '../guest/links.ts';
import { loadModules, options } from '../guest/machine.ts';

const tun = 'air';

/** An LTE stick of the QMI kind, by the kernel's own driver, in the mode in which it carries bare IP packets. */
export class UsbModem {
  readonly #stick: Service;
  /** The node's link. */
  readonly link: string;

  private constructor(stick: Service, link: string) {
    this.#stick = stick;
    this.link = link;
  }

  static async prepare(): Promise<void> {
    await loadModules('usbnet', 'cdc_wdm', 'qmi_wwan', 'vhci_hcd', 'tun');
  }

  /** Plugs it in. Resolves when the kernel has a link for it, which is down. */
  static async plug(provider: Provider): Promise<UsbModem> {
    const script = join(options.project, 'test/hardware/lte/usb-modem.py');
    const stick = new Service('python3', [script, tun, provider.namespace.name]);
    await stick.line((line) => line === 'plugged in');
    const link = await untilLink(() => linkWithDriver('qmi_wwan'), 'the kernel has a link for it');
    return new UsbModem(stick, link);
  }

  /** What a connection manager does once the network has granted an address: a point-to-point link, no route. */
  async connect(provider: Provider, [theirs, ours]: readonly [theirs: string, ours: string]): Promise<void> {
    await provider.namespace.ip(`address add ${theirs} peer ${ours} dev ${tun}`, `link set ${tun} up`);
    writeFileSync(`/sys/class/net/${this.link}/qmi/raw_ip`, 'Y');
    await ip(`address add ${ours}/32 dev ${this.link}`, `link set ${this.link} up`);
  }

  /** The network has nothing for it any more, and says nothing. */
  async silence(provider: Provider): Promise<void> {
    await provider.namespace.ip(`link set ${tun} down`);
  }

  async unplug(): Promise<void> {
    await this.#stick.end();
  }

  async flags(): Promise<string> {
    return /<[^>]*>/u.exec(await run('ip', ['link', 'show', 'dev', this.link]))?.[0] ?? '';
  }
}
