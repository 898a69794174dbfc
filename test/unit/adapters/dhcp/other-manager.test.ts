import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findOtherManager } from '../../../../src/adapters/dhcp/other-manager.ts';

const hook = '/usr/lib/backhauld/udhcpc-hook.sh';
/** As networkd 252 and NetworkManager 1.42 write them, before there is an address. */
const networkd = `# This is private data. Do not parse.
ADMIN_STATE=configuring
OPER_STATE=degraded
CARRIER_STATE=carrier
ACTIVATION_POLICY=up
NETWORK_FILE=/run/systemd/network/10.network
DNS=
`;
const networkManager = '[device]\nmanaged=true\nperm-hw-addr-fake=4E:C5:AF:BF:2A:C5\nnm-owned=false\n';

describe('TETH-2: who else holds the lease of an interface', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'other-manager-'));
    mkdirSync(join(root, 'proc/self/ns'), { recursive: true });
    symlinkSync('net:[1]', join(root, 'proc/self/ns/net'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const write = (path: string, text: string): void => {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const runs = (pid: number, comm: string, words: readonly string[] = [comm], namespace = 'net:[1]'): void => {
    write(`proc/${pid}/comm`, `${comm.slice(0, 15)}\n`);
    write(`proc/${pid}/cmdline`, words.map((word) => `${word}\0`).join(''));
    mkdirSync(join(root, `proc/${pid}/ns`));
    symlinkSync(namespace, join(root, `proc/${pid}/ns/net`));
  };
  const found = (): string | null =>
    findOtherManager({ index: 7, name: 'usb0' }, hook, { proc: join(root, 'proc'), run: join(root, 'run') });

  test('nobody, where nothing says so and nothing runs', () => {
    expect(found()).toBeNull();
    rmSync(join(root, 'proc'), { recursive: true });
    expect(found()).toBeNull();
  });

  test.each([
    ['systemd-networkd', 'run/systemd/netif/links/7', networkd, networkd.replace('configuring', 'unmanaged')],
    ['NetworkManager', 'run/NetworkManager/devices/7', networkManager, '[device]\nmanaged=false\n'],
  ])('%s, where it runs and says that it manages the link', (program, path, managed, unmanaged) => {
    write(path, managed);
    expect(found(), 'what it has left behind').toBeNull();
    runs(100, program, [program], 'net:[2]');
    expect(found(), 'it runs in another network namespace').toBeNull();
    runs(101, program);
    expect(found()).toBe(program);
    write(path, unmanaged);
    expect(found()).toBeNull();
    rmSync(join(root, path));
    expect(found()).toBeNull();
  });

  test.each([
    ['udhcpc', ['udhcpc', '-f', '-i', 'usb0', '-s', '/etc/udhcpc/default.script']],
    ['udhcpc', ['udhcpc', '-iusb0']],
    ['dhclient', ['dhclient', '-4', '-v', 'usb0']],
    ['dhcpcd', ['dhcpcd: usb0 [ip4]']],
    ['dhcpcd', ['dhcpcd: [BPF BOOTP] usb0']],
  ])('%s, by what it was told: %j', (program, words) => {
    runs(100, program, words);
    expect(found()).toBe(program);
  });

  test('the udhcpc of BusyBox', () => {
    runs(100, 'busybox', ['busybox', 'udhcpc', '-i', 'usb0']);
    expect(found()).toBe('udhcpc');
  });

  test.each([
    ['udhcpc', ['udhcpc', '-i', 'usb0', '-s', hook]],
    ['udhcpc', ['udhcpc', '-i', 'usb01']],
    ['dhclient', ['dhclient', '-6', 'usb0']],
    ['dhcpcd', ['dhcpcd: usb0 [ip6]']],
    ['dhcpcd', ['dhcpcd: [manager] [ip4] [ip6]']],
    ['busybox', ['busybox', 'ping', 'usb0']],
  ])('not %s, when it is backhauld’s own or about something else: %j', (program, words) => {
    runs(100, program, words);
    expect(found()).toBeNull();
  });
});
