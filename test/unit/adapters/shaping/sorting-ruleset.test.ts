import { describe, expect, test } from 'vitest';
import { isMadeFrom, sortingRuleset } from '../../../../src/adapters/shaping/sorting.ruleset.ts';
import type { DesiredSorting } from '../../../../src/model/shaping.ts';
import { kilobitsPerSecond } from '../../../../src/model/units.ts';

const sorting: DesiredSorting = {
  hotspot: {
    interface: 'ap0',
    classes: [
      { minor: 0x10, dscp: 46, ports: [22, 443] },
      { minor: 0x20, dscp: 34, ports: [80, 8080] },
      { minor: 0x30, dscp: 10, ports: [] },
    ],
  },
  relay: { interfaces: ['eth0', 'wlan0'], nodeMinor: 0x10, relayMinor: 0x20, nodeDscp: 46 },
  slowed: [{ interface: 'usb0', rate: kilobitsPerSecond(128) }],
  because: 'a test',
};

describe('the ruleset that sorts packets into classes', () => {
  test('QOS-1: sorts both families by port and by mark, and marks them; what is slowed down keeps its small packets', () => {
    expect(sortingRuleset(sorting).replaceAll(/made_[\da-f]+/gu, 'made_from')).toBe(`table inet backhauld_qos
delete table inet backhauld_qos
table inet backhauld_qos {
chain made_from {
}
chain class_10 {
ip dscp set 46
ip6 dscp set 46
meta priority set 0x14420010
}
chain class_20 {
ip dscp set 34
ip6 dscp set 34
meta priority set 0x14420020
}
chain class_30 {
ip dscp set 10
ip6 dscp set 10
meta priority set 0x14420030
}
chain clients {
meta l4proto { tcp, udp } th sport { 22, 443 } goto class_10
meta l4proto { tcp, udp } th dport { 22, 443 } goto class_10
meta l4proto { tcp, udp } th sport { 80, 8080 } goto class_20
meta l4proto { tcp, udp } th dport { 80, 8080 } goto class_20
ip dscp 46 goto class_10
ip6 dscp 46 goto class_10
ip dscp 34 goto class_20
ip6 dscp 34 goto class_20
ip dscp 10 goto class_30
ip6 dscp 10 goto class_30
goto class_30
}
chain forwarded {
type filter hook forward priority 160; policy accept;
oifname "ap0" jump clients
iifname "ap0" oifname != "ap0" jump clients
oifname { "eth0", "wlan0" } meta priority set 0x14420020
oifname { "usb0" } meta priority set 0x14420020
oifname { "usb0" } meta length <= 128 meta priority set 0x14420010
}
chain own {
type filter hook output priority 160; policy accept;
oifname "ap0" jump clients
oifname { "eth0", "wlan0" } ip dscp set 46
oifname { "eth0", "wlan0" } ip6 dscp set 46
oifname { "eth0", "wlan0" } meta priority set 0x14420010
oifname { "usb0" } meta priority set 0x14420020
oifname { "usb0" } meta length <= 128 meta priority set 0x14420010
}
chain arriving {
type filter hook prerouting priority -310; policy accept;
iifname "usb0" meta length > 128 limit rate over 16000 bytes/second burst 70000 bytes drop
}
}
`);
  });

  test('QOS-1: is known again in what nft lists, whatever the reason was, and told from one of anything else', () => {
    const listed = sortingRuleset(sorting);
    expect(isMadeFrom(listed, { ...sorting, because: 'another reason' })).toBe(true);
    expect(isMadeFrom(listed, { ...sorting, relay: null })).toBe(false);
    expect(isMadeFrom('', sorting)).toBe(false);
  });
});
