import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseHookLine } from '../../../../src/adapters/dhcp/lease.codec.ts';

const hook = fileURLToPath(new URL('../../../../src/adapters/dhcp/udhcpc-hook.sh', import.meta.url));
let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hook-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const run = (event: string, values: Readonly<Record<string, string>>): string =>
  execFileSync(hook, [event], { encoding: 'utf8', cwd: directory, env: { PATH: '/usr/bin:/bin', ...values } });

describe('the script that the DHCP client calls', () => {
  test('says what the server granted, on one line', () => {
    const said = run('bound', {
      interface: 'eth0',
      ip: '10.0.0.2',
      mask: '24',
      subnet: '255.255.255.0',
      router: '10.0.0.1',
      staticroutes: '10.9.0.0/16 10.0.0.9',
      dns: '1.1.1.1 8.8.8.8',
      mtu: '1400',
      lease: '120',
      serverid: '10.0.0.1',
    });
    expect(said).toBe(
      'backhauld-dhcp;event=bound;ip=10.0.0.2;mask=24;subnet=255.255.255.0;router=10.0.0.1;' +
        'staticroutes=10.9.0.0/16 10.0.0.9;dns=1.1.1.1 8.8.8.8;mtu=1400;lease=120;serverid=10.0.0.1;end\n',
    );
  });

  test.each(['deconfig', 'nak', 'leasefail'])('says %s, and nothing of what is not granted', (event) => {
    expect(run(event, { ip: '10.0.0.2', message: 'no' })).toBe(`backhauld-dhcp;event=${event};end\n`);
  });

  test('says nothing of an event that it does not know', () => {
    expect(run('$(id)', { ip: '10.0.0.2' })).toBe('');
  });

  test.each([
    '$(touch injected)',
    '`touch injected`',
    '1.1.1.1; touch injected',
    '1.1.1.1\nbackhauld-dhcp;event=bound;ip=6.6.6.6;end',
    "1.1.1.1' touch injected '",
    '1.1.1.1" "',
    '1.1.1.1;ip=6.6.6.6',
    '%s%n',
    '\\n',
    '*',
    '1.1.1.1\tx',
    '1.1.1.1\u0001',
    '-n',
    '\u00E9',
  ])('SECU-4: a value of %j neither runs, nor ends the line, nor says anything else', (value) => {
    const names = ['ip', 'mask', 'subnet', 'router', 'staticroutes', 'dns', 'mtu', 'lease', 'serverid'];
    const said = run('bound', { ...Object.fromEntries(names.map((name) => [name, value])), domain: value });
    expect(said.split('\n')).toHaveLength(2);
    expect(parseHookLine(said.trimEnd())).toEqual({
      event: 'bound',
      values: new Map(names.map((name) => [name, '?'])),
    });
    expect(existsSync(join(directory, 'injected'))).toBe(false);
  });
});
