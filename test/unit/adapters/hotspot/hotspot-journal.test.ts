import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hotspotJournalFile, openHotspotJournal } from '../../../../src/adapters/hotspot/hotspot.journal.ts';
import { listenerOn } from '../../../../src/adapters/hotspot/sockets-in-use.ts';
import { createRuntimeFiles, removeDirectory } from '../../../../src/adapters/hotspot/runtime-files.ts';
import { createForwarding, createIpv6Switch } from '../../../../src/adapters/hotspot/forwarding.part.ts';
import type { HotspotRecord } from '../../../../src/model/hotspot-parts.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'backhauld-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const here = { boot: 'boot-1', namespace: 'net:[1]' };
const forwarding: HotspotRecord = { part: { kind: 'forwarding', interface: 'eth0' }, before: { ipv4: '0' } };
const address: HotspotRecord = {
  part: { kind: 'address', interface: 'br0', address: { ipv4: '192.168.50.1/24', ipv6: null } },
  before: { link: 'up' },
};

describe('AP-3: the record of what was changed for the hotspot', () => {
  test('is on disk when it is put, and is found by the next run of the same boot and namespace', () => {
    const { journal, problems } = openHotspotJournal(directory, here);
    expect(problems).toEqual([]);
    expect(journal.put(forwarding)).toEqual({ ok: true });
    journal.put(address);
    journal.put({ ...forwarding, before: { ipv4: '1' } });
    expect(openHotspotJournal(directory, here).journal.records).toEqual([
      address,
      { ...forwarding, before: { ipv4: '1' } },
    ]);
    journal.remove('forwarding eth0');
    journal.remove('never was');
    expect(openHotspotJournal(directory, here).journal.records).toEqual([address]);
  });

  test('of another boot means nothing, and that of another namespace is kept for whoever runs there', () => {
    openHotspotJournal(directory, here).journal.put(forwarding);
    const there = openHotspotJournal(directory, { ...here, namespace: 'net:[2]' });
    expect(there.journal.records).toEqual([]);
    there.journal.put(address);
    expect(openHotspotJournal(directory, here).journal.records).toEqual([forwarding]);
    expect(openHotspotJournal(directory, { ...here, boot: 'boot-2' }).journal.records).toEqual([]);
  });

  test.each([
    { kind: 'forwarding', interface: '../../kernel' },
    { kind: 'forwarding', interface: '-x' },
    { kind: 'address', interface: 'br0', address: { ipv4: '192.168.50.1/24 dev eth0', ipv6: null } },
    { kind: 'radio', interface: 'wlan0', phy: 'phy0', country: 7, isTaken: true },
    { kind: 'unheard-of', interface: 'br0' },
  ])('that was damaged is set aside, and nothing is done by it: %j', (part) => {
    const content = { format: hotspotJournalFile, version: 1, data: [{ ...here, records: [{ part, before: {} }] }] };
    writeFileSync(join(directory, hotspotJournalFile), JSON.stringify(content));
    const { journal, problems } = openHotspotJournal(directory, here);
    expect(journal.records).toEqual([]);
    expect(problems).toMatchObject([{ code: 'state.damaged' }]);
    expect(readdirSync(directory)).toEqual([`${hotspotJournalFile}.damaged-1`]);
  });
});

describe('SECU-4: files of the services', () => {
  test('are for their owner alone, and gone with their directory', () => {
    const files = createRuntimeFiles(join(directory, 'hotspot'));
    expect(files.write('hostapd.psk', 'one\n')).toBeNull();
    expect(files.write('hostapd.psk', 'two\n')).toBeNull();
    expect(files.read('hostapd.psk')).toBe('two\n');
    expect(files.read('never')).toBe('');
    expect(statSync(files.pathOf('hostapd.psk')).mode & 0o777).toBe(0o600);
    expect(statSync(files.directory).mode & 0o777).toBe(0o700);
    removeDirectory(files.directory);
    removeDirectory(files.directory);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('cannot have another directory removed by a record', () => {
    mkdirSync(join(directory, 'else'));
    removeDirectory(join(directory, 'else'));
    removeDirectory('hotspot');
    expect(readdirSync(directory)).toEqual(['else']);
  });

  test('are removed alone, where others of theirs lie beside them', () => {
    const files = createRuntimeFiles(join(directory, 'hotspot'));
    mkdirSync(files.directory);
    writeFileSync(join(files.directory, 'thesis.tex'), 'years of work');
    files.write('hostapd.psk', 'one\n');
    mkdirSync(files.pathOf('hostapd'));
    writeFileSync(join(files.pathOf('hostapd'), 'wlan0'), '');
    removeDirectory(files.directory);
    expect(readdirSync(files.directory)).toEqual(['thesis.tex']);
  });

  test('are not written, nor removed, where somebody else could exchange them', () => {
    const elsewhere = join(directory, 'elsewhere');
    mkdirSync(elsewhere);
    const files = createRuntimeFiles(join(directory, 'hotspot'));
    symlinkSync(elsewhere, files.directory);
    expect(files.write('dnsmasq.conf', 'one\n')).toMatchObject({ code: 'state.unwritable' });
    writeFileSync(join(elsewhere, 'hosts'), '');
    removeDirectory(files.directory);
    expect(readdirSync(elsewhere)).toEqual(['hosts']);
    rmSync(files.directory);
    mkdirSync(files.directory);
    chmodSync(files.directory, 0o777);
    expect(files.write('dnsmasq.conf', 'one\n')).toMatchObject({ code: 'state.unwritable' });
    expect(readdirSync(files.directory)).toEqual([]);
  });

  test('that cannot be written are a problem', () => {
    writeFileSync(join(directory, 'hotspot'), '');
    expect(createRuntimeFiles(join(directory, 'hotspot')).write('x', 'y')).toMatchObject({ code: 'state.unwritable' });
  });
});

describe('AP-3: who listens on a port', () => {
  const sockets = (file: string, ...lines: readonly string[]): void => {
    mkdirSync(join(directory, 'self/net'), { recursive: true });
    writeFileSync(join(directory, 'self/net', file), ['  sl  local_address rem_address   st', ...lines, ''].join('\n'));
  };
  const line = (local: string, state: string, inode: number) =>
    `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 2`;

  test('is named when it listens on every address or on ours', () => {
    sockets('udp', line('0100007F:0035', '07', 5), line('00000000:0035', '07', 77));
    mkdirSync(join(directory, '42/fd'), { recursive: true });
    symlinkSync('socket:[77]', join(directory, '42/fd/3'));
    symlinkSync('/usr/sbin/named', join(directory, '42/exe'));
    expect(listenerOn(53, '192.168.50.1', directory)).toEqual({ protocol: 'udp', program: 'named' });
    sockets('udp', line('0132A8C0:0035', '07', 78));
    expect(listenerOn(53, '192.168.50.1', directory)).toEqual({ protocol: 'udp', program: null });
  });

  test('is nobody who listens elsewhere, on another port, or is only connected', () => {
    sockets('udp', line('0100007F:0035', '07', 5), line('00000000:0036', '07', 6));
    sockets('tcp', line('00000000:0035', '01', 7));
    sockets('tcp6', line('00000000000000000000000000000000:0035', '01', 8));
    expect(listenerOn(53, '192.168.50.1', directory)).toBeNull();
    expect(listenerOn(53, '192.168.50.1', join(directory, 'none'))).toBeNull();
  });
});

describe('AP-2: forwarding', () => {
  const signal = new AbortController().signal;
  const settings = (values: Readonly<Record<string, string>>): void => {
    for (const [path, value] of Object.entries(values)) {
      const [family = '', name = ''] = path.split(' ');
      mkdirSync(join(directory, family, 'conf', name), { recursive: true });
      writeFileSync(join(directory, family, 'conf', name, 'forwarding'), `${value}\n`);
    }
  };
  const read = (path: string): string => {
    const [family = '', name = ''] = path.split(' ');
    return readFileSync(join(directory, family, 'conf', name, 'forwarding'), 'utf8').trim();
  };

  test('of an interface is switched on, and back to what it was; one that is gone is no problem', async () => {
    settings({ 'ipv4 eth0': '0', 'ipv6 eth0': '1' });
    const maker = createForwarding(directory);
    const part = { kind: 'forwarding', interface: 'eth0' } as const;
    const before = (await maker.before?.(part)) ?? {};
    expect(before).toEqual({ ipv4: '0', ipv6: '1' });
    expect(await maker.start(part, signal)).toBeNull();
    expect([read('ipv4 eth0'), read('ipv6 eth0')]).toEqual(['1', '1']);
    expect(await maker.stop(part, before)).toBeNull();
    expect([read('ipv4 eth0'), read('ipv6 eth0')]).toEqual(['0', '1']);
    expect(await maker.stop({ kind: 'forwarding', interface: 'gone' }, before)).toBeNull();
    expect(await maker.stop({ kind: 'forwarding', interface: 'all' }, { ipv4: '1' })).toBeNull();
  });

  test('of IPv6 at all leaves every interface what it had, and is left alone where it is on already', async () => {
    settings({ 'ipv6 all': '0', 'ipv6 default': '0', 'ipv6 eth0': '0', 'ipv6 br0': '1' });
    const maker = createIpv6Switch(directory);
    const part = { kind: 'ipv6Forwarding' } as const;
    const before = (await maker.before?.(part)) ?? {};
    expect(await maker.start(part, signal)).toBeNull();
    expect(['all', 'default', 'eth0', 'br0'].map((name) => read(`ipv6 ${name}`))).toEqual(['1', '0', '0', '1']);
    expect(await maker.stop(part, before)).toBeNull();
    expect(read('ipv6 all')).toBe('0');
    await maker.start(part, signal);
    expect(await maker.stop(part, { all: '1' })).toBeNull();
    expect(read('ipv6 all')).toBe('1');
  });
});
