import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Namespace } from '../../../lab/namespace.ts';
import type { Service } from '../../../lab/process.ts';
import { serveLeases } from '../guest/dhcp.ts';
import { workFolder } from '../guest/machine.ts';
import { frequencyOf, linkOf, machineWithRadio } from './radios.ts';

export interface AccessPointPlan {
  readonly ssid: string;
  readonly key: string;
  readonly channel: number;
  /** First three bytes of its /24: it has .1, and serves addresses. */
  readonly network: string;
}

/** Somebody else's access point, with a DHCP server: the network that the node's own radio may be in. */
export class AccessPoint {
  readonly namespace: Namespace;
  readonly #link: string;
  readonly #plan: AccessPointPlan;
  #hostapd: Service | undefined;

  private constructor(namespace: Namespace, link: string, plan: AccessPointPlan) {
    this.namespace = namespace;
    this.#link = link;
    this.#plan = plan;
  }

  static async create(name: string, radio: number, plan: AccessPointPlan): Promise<AccessPoint> {
    const namespace = await machineWithRadio(name, radio);
    const link = linkOf(radio);
    await namespace.ip(`address add ${plan.network}.1/24 dev ${link}`);
    await namespace.sysctl('net.ipv4.ip_forward=1');
    await serveLeases(namespace, link, plan.network);
    return new AccessPoint(namespace, link, plan);
  }

  /** Resolves when it is on air and serves addresses. */
  async open(channel = this.#plan.channel): Promise<void> {
    const { ssid, key } = this.#plan;
    const config = join(workFolder, `${this.namespace.name}-hostapd.conf`);
    const lines = [
      `interface=${this.#link}`,
      'driver=nl80211',
      `ctrl_interface=/run/hostapd-${this.namespace.name}`,
      `ssid=${ssid}`,
      'country_code=DE',
      'hw_mode=g',
      `channel=${channel}`,
      'ieee80211n=1',
      'wmm_enabled=1',
      'auth_algs=1',
      'wpa=2',
      'wpa_key_mgmt=WPA-PSK WPA-PSK-SHA256 SAE',
      'rsn_pairwise=CCMP',
      `wpa_passphrase=${key}`,
      'ieee80211w=1',
      'sae_require_mfp=1',
      'sae_pwe=2',
    ];
    writeFileSync(config, `${lines.join('\n')}\n`, { mode: 0o600 });
    this.#hostapd = this.namespace.spawn('hostapd', ['-t', config], {
      onLine: (line) => console.log(`${this.namespace.name}: ${line}`),
    });
    await this.#hostapd.line((line) => line.includes('AP-ENABLED'));
  }

  async close(): Promise<void> {
    await this.#hostapd?.end();
  }

  /** Moves to another channel and takes its stations along (CSA). */
  async move(channel: number): Promise<void> {
    const cli = ['-p', `/run/hostapd-${this.namespace.name}`, '-i', this.#link];
    const moved = this.#hostapd?.line((line) => line.includes('AP-CSA-FINISHED'));
    await this.namespace.exec('hostapd_cli', [...cli, 'chan_switch', '5', String(frequencyOf(channel)), 'ht']);
    await moved;
  }
}
