import { nodeMachine } from '../../../src/machines/node/node.machine.ts';
import { defaultConfig, type Config, type HotspotConfig } from '../../../src/model/config.ts';
import type { NodeEmission } from '../../../src/model/events.ts';
import type { HotspotIntent, HotspotNetwork, HotspotStatus, RadioFacts } from '../../../src/model/hotspot.ts';
import { facts } from './examples.ts';
import { NodeBench } from './node-bench.ts';

/** A radio that can be one thing at a time, and is nothing now. */
export const radio: RadioFacts = {
  index: 4,
  interface: 'wlan0',
  phy: 'phy0',
  supportsAccessPoint: true,
  supportsBoth: false,
  stationChannel: null,
};

export const network: HotspotNetwork = {
  interface: 'wlan0',
  ipv4: { address: '192.168.50.1', prefixLength: 24, peer: null },
  dhcpStart: '192.168.50.100',
  dhcpEnd: '192.168.50.200',
  ipv6: null,
};

export const withHotspot = (given: Partial<HotspotConfig> = {}): Config => ({
  ...defaultConfig,
  hotspot: { ...defaultConfig.hotspot, enabled: true, country: 'DE', ...given },
});

/** A node with a hotspot, and with eth0 (2) where it is asked for. */
export class HotspotBench extends NodeBench {
  constructor(config: Config = withHotspot(), machine = nodeMachine) {
    super(config, machine);
    this.observe();
  }

  get hotspot(): HotspotStatus {
    const { hotspot } = this.status;
    if (hotspot === null) throw new Error('there is no hotspot');
    return hotspot;
  }
  get wanted(): HotspotIntent | null {
    return this.context.intent.hotspot;
  }
  get changes(): readonly (readonly [from: string, to: string, at: number])[] {
    return this.emissions.flatMap((one) => (one.type === 'hotspot' ? [[one.from, one.to, one.at] as const] : []));
  }
  get sentences(): readonly string[] {
    return this.emissions.flatMap((one: NodeEmission) => (one.type === 'hotspot' ? [one.because] : []));
  }

  see(given: RadioFacts | null = radio): void {
    this.send({ type: 'radio.changed', radio: given });
  }
  /** eth0 is plugged in, and answers. */
  plug(): void {
    this.find(facts({ index: 2, name: 'eth0' }));
    this.good(2);
  }
  unplug(): void {
    this.lose(2);
  }
  opened(): void {
    this.send({ type: 'hotspot.opened', opening: this.opening, network });
  }
  failed(): void {
    const problem = { code: 'hotspot.portTaken', message: 'port 53 is taken by unbound', subject: 'wlan0' } as const;
    this.send({ type: 'hotspot.failed', opening: this.opening, problem });
  }
  closed(): void {
    this.send({ type: 'hotspot.closed', opening: this.opening });
  }
  join(clients: number): void {
    this.send({ type: 'hotspot.clients', opening: this.opening, clients });
  }
  /** Until it is on air for want of a way out. */
  open(): void {
    this.see();
    this.clock.advance(30_000);
    this.opened();
  }

  get opening(): number {
    return this.context.hotspot?.view?.opening ?? 0;
  }
}
