import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, Service } from '../../../lab/process.ts';

/** What the command outside has said to this run. */
export interface RunOptions {
  readonly project: string;
  /** The daemon's program, run by this Node. */
  readonly daemon: string;
  readonly cycles: number;
}

export const options = JSON.parse(
  readFileSync(join(process.env['LAB_RUN'] ?? '', 'options.json'), 'utf8'),
) as RunOptions;

/** A folder for files of this machine's life. */
export const workFolder = mkdtempSync('/tmp/lab-');

export async function loadModules(...names: readonly string[]): Promise<void> {
  await run('modprobe', ['-a', ...names]);
}

/**
 * QEMU's own monitor (QMP), from within: devices are plugged and unplugged, cables are pulled. Commands one at a time.
 */
export class MachineMonitor {
  readonly #port: Service;

  private constructor(port: Service) {
    this.#port = port;
  }

  static async open(): Promise<MachineMonitor> {
    // The port may be opened but once, and Node cannot poll it.
    const both = 'exec 3<>/dev/virtio-ports/lab.qmp; cat <&3 & exec cat >&3';
    const port = new Service('sh', ['-c', both]);
    const monitor = new MachineMonitor(port);
    await monitor.#ask('qmp_capabilities', {});
    return monitor;
  }

  async #ask(execute: string, arguments_: object): Promise<void> {
    const answer = this.#port.line((line) => line.startsWith('{"return"') || line.startsWith('{"error"'));
    this.#port.write(`${JSON.stringify({ execute, arguments: arguments_ })}\n`);
    const line = await answer;
    if (line.startsWith('{"error"')) throw new Error(`${execute}: ${line}`);
  }

  /** `id` is that of the device, as qemu was given it. */
  async setLink(id: string, isUp: boolean): Promise<void> {
    await this.#ask('set_link', { name: id, up: isUp });
  }

  async plug(device: Readonly<Record<string, string>>): Promise<void> {
    await this.#ask('device_add', device);
  }

  async unplug(id: string): Promise<void> {
    await this.#ask('device_del', { id });
  }
}
