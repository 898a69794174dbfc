import type { RoutingConfig } from '../../model/config.ts';
import { families } from '../../model/family.ts';
import type { DesiredSetting, UplinkIntent } from '../../model/network.ts';

type Named = Pick<UplinkIntent, 'index' | 'name'>;

let latest: { readonly key: string; readonly settings: readonly DesiredSetting[] } = { key: '', settings: [] };

/**
 * Settings of the interfaces that are uplinks (kernel: Documentation/networking/ip-sysctl.rst). They stay while the
 * interface is known as an uplink, whether or not it has a way out at the moment.
 * With `monitorOnly` only the one that probes need: no traffic is moved, so nothing else may be different.
 * The same uplinks get the very same list: who compares it need not look into it.
 */
export function desiredSettings(
  uplinks: readonly Named[],
  routing: RoutingConfig,
  leased: readonly Named[] = [],
): readonly DesiredSetting[] {
  const keyOf = (links: readonly Named[]): string => links.map(({ index, name }) => `${index} ${name}`).join(' ');
  const key = `${routing.monitorOnly} ${keyOf(uplinks)} | ${keyOf(leased)}`;
  if (key !== latest.key) {
    latest = { key, settings: [...settingsOf(uplinks, routing), ...leased.map(promotion)] };
  }
  return latest.settings;
}

const promotion = ({ index, name }: Named): DesiredSetting => ({
  linkIndex: index,
  interface: name,
  family: 'ipv4',
  key: 'promote_secondaries',
  value: '1',
  because: `a new lease of ${name} may be in the network of the old one, whose address must not take it along when it goes`,
});

function settingsOf(uplinks: readonly Named[], routing: RoutingConfig): readonly DesiredSetting[] {
  return uplinks.flatMap(({ index, name }) => {
    const setting = (
      family: DesiredSetting['family'],
      key: DesiredSetting['key'],
      value: string,
      because: string,
    ): DesiredSetting => ({ linkIndex: index, interface: name, family, key, value, because });
    const looseFilter = setting(
      'ipv4',
      'rp_filter',
      '2',
      `a strict filter drops answers that come by ${name} while another uplink is active`,
    );
    if (routing.monitorOnly) return [looseFilter];
    return [
      looseFilter,
      ...families.map((family) =>
        setting(
          family,
          'ignore_routes_with_linkdown',
          '1',
          `the kernel passes ${name} over as soon as its carrier goes`,
        ),
      ),
      setting('ipv4', 'arp_ignore', '1', `${name} answers for its own addresses only: two uplinks may share a subnet`),
      setting('ipv4', 'arp_announce', '2', `${name} asks with its own address only: two uplinks may share a subnet`),
      setting('ipv6', 'accept_ra', '2', `advertisements by ${name} count although the node forwards`),
    ];
  });
}
