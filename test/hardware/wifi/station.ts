import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Namespace } from '../../../lab/namespace.ts';
import { CommandFailed, run, Service } from '../../../lab/process.ts';
import { takeLease, type GivenLease } from '../guest/dhcp.ts';
import { workFolder } from '../guest/machine.ts';
import { frequencyOf, linkOf, machineWithRadio } from './radios.ts';

/** A network that is to be joined. `wpa3`: by SAE, with the hash-to-element that today's phones use. */
export interface Network {
  readonly ssid: string;
  readonly key: string;
  readonly security: 'wpa2' | 'wpa3';
  /** Only these are searched, which takes a tenth of the time of all. */
  readonly channels: readonly number[];
}

const refusals = /CTRL-EVENT-SSID-TEMP-DISABLED|CTRL-EVENT-ASSOC-REJECT|CTRL-EVENT-AUTH-REJECT|reason=WRONG_KEY/u;

/** A radio with a real wpa_supplicant: somebody's phone, or the node's own. */
export class Station {
  /** Null: the node itself. */
  readonly namespace: Namespace | null;
  readonly link: string;
  readonly #name: string;
  #supplicant: Service | undefined;
  #drops = 0;

  constructor(name: string, namespace: Namespace | null, link: string) {
    this.#name = name;
    this.namespace = namespace;
    this.link = link;
  }

  static async create(name: string, radio: number): Promise<Station> {
    return new Station(name, await machineWithRadio(name, radio), linkOf(radio));
  }

  /** Starts to look for the network, and for no other any more. */
  async search({ ssid, key, security, channels }: Network): Promise<Service> {
    await this.#supplicant?.end();
    const keys =
      security === 'wpa3'
        ? ['key_mgmt=SAE', 'ieee80211w=2', `sae_password="${key}"`]
        : ['key_mgmt=WPA-PSK', `psk="${key}"`];
    const hexSsid = Buffer.from(ssid).toString('hex');
    const network = [`ssid=${hexSsid}`, `scan_freq=${channels.map(frequencyOf).join(' ')}`, 'scan_ssid=1', ...keys];
    const config = join(workFolder, `${this.#name}.conf`);
    const global = [`ctrl_interface=${this.control}`, 'sae_pwe=1', 'network={', ...network, '}', ''];
    writeFileSync(config, global.join('\n'), { mode: 0o600 });
    this.#drops = 0;
    const onLine = (line: string): void => {
      console.log(`${this.#name}: ${line}`);
      if (line.includes('CTRL-EVENT-DISCONNECTED')) this.#drops += 1;
    };
    const args = ['-t', '-D', 'nl80211', '-i', this.link, '-c', config];
    const supplicant =
      this.namespace?.spawn('wpa_supplicant', args, { onLine }) ?? new Service('wpa_supplicant', args, { onLine });
    this.#supplicant = supplicant;
    return supplicant;
  }

  /** Where its supplicant is spoken to: on the node itself, where everybody looks for it. */
  get control(): string {
    return this.namespace === null ? '/run/wpa_supplicant' : `/run/wpa-${this.#name}`;
  }

  /** How often it was thrown out since it began to search. */
  get drops(): number {
    return this.#drops;
  }

  /** Resolves when it is in. */
  async join(network: Network, timeoutMs = 20_000): Promise<void> {
    const supplicant = await this.search(network);
    await supplicant.line((line) => line.includes('CTRL-EVENT-CONNECTED'), timeoutMs);
  }

  /** Resolves with what it was told when it is not let in; rejects when it is. It goes on to try until `leave`. */
  async isRefused(network: Network, timeoutMs = 20_000): Promise<string> {
    const supplicant = await this.search(network);
    const line = await supplicant.line(
      (line) => line.includes('CTRL-EVENT-CONNECTED') || refusals.test(line),
      timeoutMs,
    );
    if (line.includes('CTRL-EVENT-CONNECTED')) throw new Error(`${this.#name} was let in`);
    return line.replace(/^[\d.]+: /u, '');
  }

  /** Resolves with the next line of its supplicant that has this in it. */
  async hears(text: string, timeoutMs = 20_000): Promise<string> {
    if (this.#supplicant === undefined) throw new Error(`${this.#name} searches for nothing`);
    return this.#supplicant.line((line) => line.includes(text), timeoutMs);
  }

  async isConnected(): Promise<boolean> {
    const said = await this.exec('wpa_cli', ['-p', this.control, '-i', this.link, 'status']).catch(() => '');
    return said.includes('wpa_state=COMPLETED');
  }

  async leave(): Promise<void> {
    await this.#supplicant?.end();
    await this.exec('ip', ['-4', 'address', 'flush', 'dev', this.link]);
  }

  async exec(file: string, args: readonly string[]): Promise<string> {
    return this.namespace === null ? run(file, args) : this.namespace.exec(file, args);
  }

  async lease(): Promise<GivenLease> {
    return takeLease(this.namespace, this.link);
  }

  /** Whether one of three packets is answered. */
  async reaches(address: string): Promise<boolean> {
    return succeeds(this.exec('ping', ['-q', '-c', '3', '-i', '0.2', '-W', '1', address]));
  }

  /** The IPv4 addresses that a name server has for a name. */
  async resolves(name: string, server: string): Promise<readonly string[]> {
    const said = await this.exec('busybox', ['nslookup', '-type=a', name, server]);
    const answer = said.slice(said.indexOf('Name:'));
    return [...answer.matchAll(/^Address:\s*(\S+)$/gmu)].map(([, address = '']) => address);
  }
}

export async function succeeds(command: Promise<unknown>): Promise<boolean> {
  try {
    await command;
    return true;
  } catch (error) {
    if (error instanceof CommandFailed) return false;
    throw error;
  }
}
