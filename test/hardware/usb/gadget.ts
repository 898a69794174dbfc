import { mkdirSync, readFileSync, rmdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../lab/process.ts';

export type GadgetFunction = 'rndis' | 'ecm' | 'ncm';

const gadgets = '/sys/kernel/config/usb_gadget';

/**
 * A phone made of the kernel's own gadget drivers, on a USB controller that is none (dummy_hcd): the node's end has the
 * driver that a real phone of its kind would have.
 */
export class Gadget {
  readonly #folder: string;
  readonly #function: string;
  /** The link at the phone's end. */
  readonly link: string;

  private constructor(folder: string, gadgetFunction: string) {
    this.#folder = folder;
    this.#function = gadgetFunction;
    this.link = readFileSync(join(folder, 'functions', gadgetFunction, 'ifname'), 'utf8').trim();
  }

  /** @param ports how many can be plugged in at the same time */
  static async prepare(ports = 1): Promise<void> {
    await run('modprobe', ['dummy_hcd', `num=${ports}`]);
    await run('modprobe', ['-a', 'libcomposite', 'cdc_ether', 'rndis_host', 'cdc_ncm', 'configfs']);
    await run('mount', ['-t', 'configfs', 'configfs', '/sys/kernel/config']).catch(() => '');
  }

  /** The hardware address that the node's end of one in this port has. */
  static addressIn(port: number): string {
    return `02:00:00:aa:${String(port).padStart(2, '0')}:01`;
  }

  /** Plugs it in. */
  static plug(kind: GadgetFunction, serial: string, port = 0): Gadget {
    const folder = join(gadgets, serial);
    const named = `${kind}.0`;
    const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
    for (const part of ['strings/0x409', 'configs/c.1', `functions/${named}`]) {
      mkdirSync(join(folder, part), { recursive: true });
    }
    write('idVendor', '0x18d1');
    write('idProduct', '0x4ee4');
    write('strings/0x409/manufacturer', 'Lab');
    write('strings/0x409/product', 'Phone');
    write('strings/0x409/serialnumber', serial);
    // The node shall not take it for one of its own while it is on its way to the phone's namespace.
    write(`functions/${named}/ifname`, 'phone%d');
    write(`functions/${named}/host_addr`, Gadget.addressIn(port));
    write(`functions/${named}/dev_addr`, Gadget.addressIn(port).replace(/1$/u, '2'));
    symlinkSync(join(folder, 'functions', named), join(folder, 'configs/c.1', named));
    write('UDC', `dummy_udc.${port}`);
    return new Gadget(folder, named);
  }

  /** Its link goes at both ends. */
  unplug(): void {
    this.pull();
    this.remove();
  }

  /** Pulls the cable. The phone's own end stays until it is removed. */
  pull(): void {
    writeFileSync(join(this.#folder, 'UDC'), '\n');
  }

  remove(): void {
    unlinkSync(join(this.#folder, 'configs/c.1', this.#function));
    rmdirSync(join(this.#folder, 'functions', this.#function));
    rmdirSync(join(this.#folder, 'configs/c.1'));
    rmdirSync(join(this.#folder, 'strings/0x409'));
    rmdirSync(this.#folder);
  }
}
