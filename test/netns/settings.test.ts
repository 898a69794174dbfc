import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Namespace } from '../../lab/namespace.ts';
import { evaluateInside } from './inside.ts';

let node: Namespace;
let directory = '';
beforeAll(async () => {
  node = await Namespace.create('settings-node');
  await node.ip('link add eth0 type veth peer name peer0');
  directory = await mkdtemp(join(tmpdir(), 'backhaul-settings-'));
});
afterAll(async () => {
  await node?.close();
  if (directory) await rm(directory, { recursive: true, force: true });
});

const inside = (source: string): Promise<unknown> =>
  evaluateInside(
    node.name,
    'exec',
    `import { createSettingsTarget } from 'SRC/adapters/settings/settings.target.ts';
    import { openSettingsJournal } from 'SRC/adapters/settings/settings.journal.ts';
    const target = createSettingsTarget();
    const setting = (name, family, key) => ({ linkIndex: 2, interface: name, family, key });
    console.log(JSON.stringify(await (async () => { ${source} })()));`,
  );

describe('the settings of a real kernel', () => {
  test.each([
    ['ipv4', 'rp_filter', '2'],
    ['ipv4', 'ignore_routes_with_linkdown', '1'],
    ['ipv4', 'arp_ignore', '1'],
    ['ipv4', 'arp_announce', '2'],
    ['ipv4', 'forwarding', '1'],
    ['ipv6', 'accept_ra', '2'],
    ['ipv6', 'ignore_routes_with_linkdown', '1'],
    ['ipv6', 'forwarding', '1'],
  ])('ROUT-10: %s %s is written as %s and restored', async (family, key, value) => {
    const steps = `const it = setting('eth0', '${family}', '${key}');
      const before = target.read(it);
      const written = target.write(it, '${value}');
      const now = target.read(it);
      return { before, written, now, restored: target.write(it, before), after: target.read(it) };`;
    const result = (await inside(steps)) as { readonly before: string; readonly after: string };
    expect(result).toMatchObject({ before: expect.stringMatching(/^\d$/u) as unknown, now: value });
    expect(result).toMatchObject({ written: { ok: true }, restored: { ok: true }, after: result.before });
  });

  test('a family has no setting of the other one, and a link that is not there has none', async () => {
    const steps = `return [target.read(setting('eth0', 'ipv6', 'rp_filter')), target.read(setting('eth9', 'ipv4', 'rp_filter')),
      target.write(setting('eth9', 'ipv4', 'rp_filter'), '1')];`;
    expect(await inside(steps)).toEqual([null, null, expect.objectContaining({ code: 'kernel.vanished' })]);
  });

  test('what is set for all links at once, or for those to come, is never touched', async () => {
    const steps = `const names = ['all', 'default'];
      const results = names.map((name) => target.write(setting(name, 'ipv4', 'rp_filter'), '2').code);
      const { readFileSync } = await import('node:fs');
      return [results, names.map((name) => readFileSync('/proc/sys/net/ipv4/conf/' + name + '/rp_filter', 'utf8').trim())];`;
    expect(await inside(steps)).toEqual([
      ['kernel.refused', 'kernel.refused'],
      ['0', '0'],
    ]);
  });

  test('a /proc/sys that is read-only is told as a missing privilege', async () => {
    const steps = `const { execFileSync } = await import('node:child_process');
      execFileSync('mount', ['-t', 'proc', '-o', 'ro', 'proc', '/mnt']);
      const result = createSettingsTarget('/mnt/sys/net').write(setting('eth0', 'ipv4', 'rp_filter'), '2');
      return result;`;
    expect(await inside(steps)).toMatchObject({ ok: false, retry: 'permanent', code: 'privilege.missing' });
  });
});

describe('ROUT-8: the journal on a real file system', () => {
  const record = `{ ...setting('eth0', 'ipv4', 'rp_filter'), before: '0', written: '2' }`;
  const mounted = (source: string) =>
    inside(`const { execFileSync } = await import('node:child_process');
      const { readdirSync, readFileSync, writeFileSync } = await import('node:fs');
      const place = ${JSON.stringify(directory)};
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place]);
      const first = openSettingsJournal(place).journal.add(${record});
      const text = readFileSync(place + '/settings.json', 'utf8');
      const again = () => openSettingsJournal(place).journal;
      ${source}`);
  const refusedBecause = (word: string): unknown =>
    expect.objectContaining({ code: 'state.unwritable', message: expect.stringContaining(word) as unknown });
  const whole = { files: ['settings.json'], isUnchanged: true, records: 1, first: { ok: true } };
  const report = `files: readdirSync(place).filter((name) => name.startsWith('settings')), records: again().records.size,
    isUnchanged: readFileSync(place + '/settings.json', 'utf8') === text`;

  test('a full one: the record is refused, the old ones stay, and nothing half-written is left', async () => {
    const steps = `try { writeFileSync(place + '/fill', Buffer.alloc(100_000)); } catch {}
      const result = again().add({ ...${record}, interface: 'wlan0' });
      return { first, result, ${report} };`;
    expect(await mounted(steps)).toEqual({
      ...whole,
      result: refusedBecause('ENOSPC'),
    });
  });

  test('a read-only one: the record is refused, the old ones stay', async () => {
    const steps = `execFileSync('mount', ['-o', 'remount,ro', place]);
      const result = again().add({ ...${record}, interface: 'wlan0' });
      return { first, result, ${report} };`;
    expect(await mounted(steps)).toEqual({
      ...whole,
      result: refusedBecause('EROFS'),
    });
  });

  test('a place that cannot be made on a read-only one: the reason is named, not its consequence', async () => {
    const steps = `execFileSync('mount', ['-o', 'remount,ro', place]);
      return openSettingsJournal(place + '/deep/state').journal.add(${record});`;
    expect(await mounted(steps)).toEqual(refusedBecause('EROFS'));
  });

  test('a damaged file is not overwritten: nothing is written until it can be set aside', async () => {
    const steps = `writeFileSync(place + '/settings.json', 'damaged');
      execFileSync('mount', ['-o', 'remount,ro', place]);
      const opened = openSettingsJournal(place);
      const codes = opened.problems.map(({ code }) => code);
      const before = opened.journal.add(${record}).code;
      execFileSync('mount', ['-o', 'remount,rw', place]);
      const after = opened.journal.add(${record});
      return { codes, before, after, text: readFileSync(place + '/settings.json.damaged-1', 'utf8') };`;
    expect(await mounted(steps)).toEqual({
      codes: ['state.damaged', 'state.unwritable'],
      before: 'state.unwritable',
      after: { ok: true },
      text: 'damaged',
    });
  });
});
