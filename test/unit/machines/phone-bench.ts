import type { Config } from '../../../src/model/config.ts';
import { defaultConfig } from '../../../src/model/config.ts';
import type { NodeEmission, ProbeIntent } from '../../../src/model/events.ts';
import type { DeviceFacts, InterfaceFacts } from '../../../src/model/interface.ts';
import type { Lease, LeaseIntent, LeaseLoss } from '../../../src/model/lease.ts';
import type { TetherStatus } from '../../../src/model/tether.ts';
import { milliseconds, minutes } from '../../../src/model/units.ts';
import { answered, address, facts, lost } from './examples.ts';
import { NodeBench } from './node-bench.ts';

export const android: DeviceFacts = {
  driver: 'rndis_host',
  deviceType: null,
  bus: 'usb',
  usb: { serial: 'R58M12ABCDE', port: '1-1', vendorId: '04e8', productId: '6863', interfaceClass: 'e0' },
};

/** A phone that has just been plugged in: its link is down. */
export const phone = (overrides: Partial<InterfaceFacts> = {}): InterfaceFacts =>
  facts({
    index: 5,
    name: 'usb0',
    isUp: false,
    hasCarrier: false,
    addresses: { ipv4: [], ipv6: [] },
    defaultRoutes: [],
    device: android,
    ...overrides,
  });

export const lease = (overrides: Partial<Lease> = {}): Lease => ({
  address: '192.168.42.17',
  prefixLength: 24,
  gateway: '192.168.42.129',
  routes: [],
  dns: ['192.168.42.129'],
  mtu: null,
  server: '192.168.42.129',
  duration: minutes(60),
  ...overrides,
});

/** What NetworkManager leaves on an interface: an address, and a default route that carries the mark of a DHCP client. */
export const managedFacts: Partial<InterfaceFacts> = {
  isUp: true,
  hasCarrier: true,
  addresses: { ipv4: [address('192.168.42.50')], ipv6: [] },
  defaultRoutes: [{ family: 'ipv4', gateway: '192.168.42.129', table: 254, metric: 100, protocol: 16 }],
};

export const noAddresses: Partial<InterfaceFacts> = { addresses: { ipv4: [], ipv6: [] }, defaultRoutes: [] };

export const ethernetWithDhcp: Config = {
  ...defaultConfig,
  uplinks: [{ match: { name: 'eth*' }, type: null, gateway: { ipv4: null, ipv6: null }, dhcp: true, policy: null }],
};

/** A node, and what the world does about the leases and links that it wants. */
export class PhoneBench extends NodeBench {
  get leases(): readonly LeaseIntent[] {
    return this.context.intent.leases;
  }
  get tethers(): readonly TetherStatus[] {
    return this.status.tethers;
  }
  get tether(): TetherStatus | undefined {
    return this.tethers[0];
  }
  get tetherStates(): readonly string[] {
    return this.emissions.flatMap((emission: NodeEmission) => (emission.type === 'tether' ? [emission.to] : []));
  }
  request(index = 5): number | undefined {
    return this.leases.find((one) => one.index === index)?.request;
  }
  probeIntent(index = 5): ProbeIntent | undefined {
    return this.context.intent.probes.find((one) => one.index === index && one.family === 'ipv4');
  }
  candidate(name = 'usb0'): boolean | undefined {
    return this.interface(name)?.candidate;
  }

  /** Its link comes up. */
  raise(index = 5): void {
    this.change(index, { isUp: true, hasCarrier: true });
  }
  /** A lease is granted, and its address is put on the link. */
  bind(index = 5, granted: Lease = lease()): void {
    this.send({ type: 'lease.bound', index, lease: granted });
    this.change(index, { addresses: { ipv4: [address(granted.address, granted.prefixLength)], ipv6: [] } });
  }
  /** The lease is not held any more, and its address is taken away. */
  unbind(index = 5, because: LeaseLoss = 'expired'): void {
    this.send({ type: 'lease.lost', index, because });
    if (because !== 'clientEnded') this.change(index, noAddresses);
  }
  /** A round of what is probed now, whichever targets these are. */
  answer(index = 5, isAnswered = true): void {
    const targets = this.probeIntent(index)?.targets ?? this.context.config.probe.targets.ipv4;
    this.probe(
      index,
      targets.map(({ text }) => (isAnswered ? answered(text) : lost(text))),
    );
  }
  wait(ms: number): void {
    this.clock.advance(milliseconds(ms));
  }
}

/** A phone in a node that runs. */
export function pluggedIn(config: Config = defaultConfig, overrides: Partial<InterfaceFacts> = {}): PhoneBench {
  const node = new PhoneBench(config);
  node.observe();
  node.find(phone(overrides));
  return node;
}

/** A phone that has a lease and has answered. */
export function readyPhone(config: Config = defaultConfig): PhoneBench {
  const node = pluggedIn(config);
  node.raise();
  node.bind();
  node.answer();
  return node;
}
