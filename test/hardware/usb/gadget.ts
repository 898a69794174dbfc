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

  static async prepare(): Promise<void> {
    await run('modprobe', ['-a', 'dummy_hcd', 'libcomposite', 'cdc_ether', 'rndis_host', 'cdc_ncm', 'configfs']);
    await run('mount', ['-t', 'configfs', 'configfs', '/sys/kernel/config']).catch(() => '');
  }

  /** Plugs it in. */
  static plug(kind: GadgetFunction, serial: string): Gadget {
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
    write(`functions/${named}/host_addr`, '02:00:00:aa:00:01');
    write(`functions/${named}/dev_addr`, '02:00:00:aa:00:02');
    symlinkSync(join(folder, 'functions', named), join(folder, 'configs/c.1', named));
    write('UDC', 'dummy_udc.0');
    return new Gadget(folder, named);
  }

  /** Its link goes at both ends. */
  unplug(): void {
    writeFileSync(join(this.#folder, 'UDC'), '\n');
    unlinkSync(join(this.#folder, 'configs/c.1', this.#function));
    rmdirSync(join(this.#folder, 'functions', this.#function));
    rmdirSync(join(this.#folder, 'configs/c.1'));
    rmdirSync(join(this.#folder, 'strings/0x409'));
    rmdirSync(this.#folder);
  }
}
