import type { Config } from '../../model/config.ts';
import { fine, trouble, warning, type Finding } from './finding.ts';
import { programAt, type KernelView, type Surroundings } from './surroundings.ts';

interface Tool {
  readonly name: string;
  /** The Debian package. */
  readonly package: string;
  readonly purpose: string;
  /** Whether this configuration asks for what it does. */
  isWanted(config: Config): boolean;
}

const holdsLeases = ({ uplinks }: Config): boolean => uplinks.some(({ dhcp }) => dhcp);
const sharesTraffic = ({ hotspot, relayQos }: Config): boolean =>
  relayQos.enabled || (hotspot.enabled && hotspot.qos.enabled);
const hasHotspot = ({ hotspot }: Config): boolean => hotspot.enabled;

const tools: readonly Tool[] = [
  { name: 'nft', package: 'nftables', purpose: 'NAT and filters of the hotspot', isWanted: hasHotspot },
  { name: 'udhcpc', package: 'udhcpc', purpose: 'leases that backhauld holds itself', isWanted: holdsLeases },
  { name: 'hostapd', package: 'hostapd', purpose: 'the hotspot', isWanted: hasHotspot },
  { name: 'dnsmasq', package: 'dnsmasq-base', purpose: 'DHCP and names in the hotspot', isWanted: hasHotspot },
  { name: 'iw', package: 'iw', purpose: "the hotspot's radio", isWanted: hasHotspot },
  { name: 'tc', package: 'iproute2', purpose: 'sharing traffic out', isWanted: sharesTraffic },
  { name: 'conntrack', package: 'conntrack', purpose: 'ending stuck flows of clients', isWanted: () => false },
];

/** Programs that the daemon runs, each with what it is for. */
export function checkTools({ path }: Surroundings, config: Config, view: KernelView | null): readonly Finding[] {
  return [checkIp(path, config, view), ...tools.map((tool) => checkTool(path, tool, config))];
}

function checkIp(path: string, config: Config, view: KernelView | null): Finding {
  const place = programAt(path, 'ip');
  if (place !== null) return fine('ip', `${place}: the way to the kernel without native code`);
  const found = 'there is no ip';
  const remedy = 'apt-get install iproute2';
  // The kernel is needed; ip is only where netlink is not to be had.
  const isNeeded = config.discovery.driver === 'command' || view?.driver !== 'ffi';
  return isNeeded
    ? trouble('tool.missing', 'ip', found, remedy)
    : fine('ip', `${found}, and none is needed: netlink is spoken from this process`);
}

function checkTool(path: string, tool: Tool, config: Config): Finding {
  const place = programAt(path, tool.name);
  if (place !== null) return fine(tool.name, `${place}: ${tool.purpose}`);
  const remedy = `apt-get install ${tool.package}`;
  return tool.isWanted(config)
    ? warning(tool.name, `there is no ${tool.name}, which is for ${tool.purpose}`, remedy)
    : fine(tool.name, `not there; only for ${tool.purpose} (Debian package ${tool.package})`);
}
