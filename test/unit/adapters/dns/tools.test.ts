import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readResolvconfRecord, writeResolvconfRecord } from '../../../../src/adapters/dns/resolvconf.ts';
import { readResolvedLink, writeResolvedLink } from '../../../../src/adapters/dns/resolved.ts';
import { formatResolvedLink } from '../../../../src/model/resolved-link.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dns-tools-'));
  mkdirSync(`${root}/run/systemd/resolve/netif`, { recursive: true });
  mkdirSync(`${root}/run/systemd/netif/links`, { recursive: true });
  mkdirSync(`${root}/proc/sys/net/ipv4/conf/eth0`, { recursive: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

/** A program of this name that writes down what it is given, and ends so. */
function stub(name: string, code = 0): () => string {
  const log = join(root, 'calls');
  const program = join(root, name);
  writeFileSync(log, '');
  writeFileSync(
    program,
    `#!/bin/sh\n{ for one; do printf '<%s>' "$one"; done; [ ${name} = resolvconf ] && cat; echo; } >>${log}\nexit ${code}\n`,
  );
  chmodSync(program, 0o755);
  vi.stubEnv('PATH', `${root}:/usr/bin:/bin`);
  return () => readFileSync(log, 'utf8');
}

const place = { manager: 'resolved', linkIndex: 11, name: 'eth0' } as const;
// As systemd-resolved 252 keeps what `resolvectl dns eth0 192.168.1.53 fe80::1` and `resolvectl domain eth0 ~. lan` said.
const kept = `# This is private data. Do not parse.
LLMNR=yes
MDNS=no
DEFAULT_ROUTE=no
SERVERS=192.168.1.53 fe80::1%11
DOMAINS=~. lan
`;

test('ROUT-9: systemd-resolved is told only what is different, by the index of the link', async () => {
  const calls = stub('resolvectl');
  writeFileSync(`${root}/run/systemd/resolve/netif/11`, kept);
  const before = formatResolvedLink({ servers: ['192.168.1.53', 'fe80::1'], domains: ['~.', 'lan'] });
  expect(readResolvedLink(place, root)).toEqual({ value: before });
  expect(await writeResolvedLink(place, before, root)).toEqual({ ok: true });
  expect(calls()).toBe('');
  const next = formatResolvedLink({ servers: ['192.0.2.1'], domains: [] });
  expect(await writeResolvedLink(place, next, root)).toEqual({ ok: true });
  expect(calls()).toBe('<dns><11><192.0.2.1>\n<domain><11><>\n');
});

test("ROUT-9: a link of systemd-networkd's that had nothing else is reverted", async () => {
  const calls = stub('resolvectl');
  writeFileSync(`${root}/run/systemd/netif/links/11`, 'ADMIN_STATE=configured\nDNS=192.0.2.1\nROUTE_DOMAINS=.\n');
  expect(readResolvedLink(place, root)).toEqual({ value: 'dns=192.0.2.1\ndomains=~.' });
  await writeResolvedLink(place, formatResolvedLink({ servers: [], domains: [] }), root);
  expect(calls()).toBe('<revert><11>\n');
});

test('ROUT-9: a tool that fails or is missing is a value; a link that is gone is known to be', async () => {
  stub('resolvectl', 1);
  expect(await writeResolvedLink(place, 'dns=192.0.2.1\ndomains=', root)).toMatchObject({
    ok: false,
    retry: 'retryable',
    code: 'tool.failed',
  });
  expect(readResolvedLink({ linkIndex: 12, name: 'wlan0' }, root)).toEqual({ problem: null, isGone: true });
});

test('ROUT-9: resolvconf gets a record that stands first, and has it taken away', async () => {
  const calls = stub('resolvconf');
  const record = { ...place, manager: 'resolvconf' } as const;
  await writeResolvconfRecord(record, 'nameserver 192.0.2.1\n');
  await writeResolvconfRecord(record, null);
  expect(calls()).toBe('<-a><lo.eth0.backhauld>nameserver 192.0.2.1\n\n<-d><lo.eth0.backhauld>\n');
  expect(readResolvconfRecord(record, root)).toEqual({ value: null });
  mkdirSync(`${root}/run/resolvconf/interface`, { recursive: true });
  writeFileSync(`${root}/run/resolvconf/interface/lo.eth0.backhauld`, '# x\nnameserver 192.0.2.1\n');
  expect(readResolvconfRecord(record, root)).toEqual({ value: 'nameserver 192.0.2.1\n' });
});
