import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DhcpNews } from '../../../../src/effects/ports.ts';
import { createUdhcpcTarget } from '../../../../src/adapters/dhcp/udhcpc.target.ts';

/** Starts a shell script in the client's place, and tells what comes of it. */
function start(script: string, wanted: string | null = null) {
  const news: DhcpNews[] = [];
  let wake = (): void => undefined;
  const target = createUdhcpcTarget(async () => ({
    ok: true,
    program: { file: 'sh', leading: ['-c', script, 'udhcpc'], hook: '/the/hook' },
  }));
  const client = target.start({ index: 7, name: 'eth0', wanted }, (one) => {
    news.push(one);
    wake();
  });
  const until = async (count: number): Promise<readonly DhcpNews[]> => {
    while (news.length < count) await new Promise<void>((resolve) => (wake = resolve));
    return news;
  };
  return { client, news, until };
}

const granted = 'backhauld-dhcp;event=bound;ip=10.0.0.2;mask=24;subnet=255.255.255.0;lease=60;end';

test('what its script says is told; what else it writes is not', async () => {
  const { client, until } = start(
    `echo "udhcpc: started"; echo "backhauld-dhcp;event=deconfig;end"; echo "${granted}"; echo "backhauld-dhcp;event=nak;end";
     echo "backhauld-dhcp;event=bound;ip=10.0.0.2;lease=0;end"; echo "backhauld-dhcp;event=leasefail;end"; exec sleep 60`,
  );
  const news = await until(4);
  expect(news.map(({ type }) => type)).toEqual(['empty', 'granted', 'refused', 'unusable']);
  expect(news[1]).toMatchObject({ lease: { address: '10.0.0.2', prefixLength: 24 }, leftOut: [] });
  await client.stop(false);
  expect(news).toHaveLength(4);
});

test('TETH-2: it asks for what is needed, by the interface and no other, and wishes for the address it had', async () => {
  const { until } = start(
    'echo "$@" | grep -q -- "-i eth0 -s /the/hook" && echo "$@" | grep -q -- "-r 10.0.0.2" && exit 7',
    '10.0.0.2',
  );
  expect(await until(1)).toMatchObject([
    { type: 'ended', problem: { code: 'tool.failed', message: 'the DHCP client of eth0 ended with 7' } },
  ]);
});

test('TETH-2: it is not started where another program manages the interface, and that is said', async () => {
  const news: DhcpNews[] = [];
  const program = { file: 'sh', leading: ['-c', 'echo "backhauld-dhcp;event=nak;end"'], hook: '/the/hook' };
  const asked: unknown[] = [];
  const target = createUdhcpcTarget(
    async () => ({ ok: true, program }),
    (...words) => {
      asked.push(words);
      return 'NetworkManager';
    },
  );
  const told = new Promise<DhcpNews>((resolve) => {
    const request = { index: 7, name: 'eth0', wanted: null };
    target.start(request, (one) => {
      news.push(one);
      resolve(one);
    });
  });
  expect(await told).toMatchObject({ type: 'managed', problem: { code: 'uplink.managedElsewhere', subject: 'eth0' } });
  expect(asked).toEqual([[{ index: 7, name: 'eth0', wanted: null }, '/the/hook']]);
  expect(news).toHaveLength(1);
});

test('its end is told with its last words, without what the script said', async () => {
  const { until } = start(`echo "udhcpc: no such device" >&2; echo "backhauld-dhcp;event=deconfig;end"; exit 1`);
  const news = await until(2);
  expect(news.at(-1)).toMatchObject({
    type: 'ended',
    problem: { message: expect.stringContaining('with 1: udhcpc: no such device') as string },
  });
});

test.each([true, false])('a lease is released before the client ends when that is asked for: %s', async (release) => {
  const directory = mkdtempSync(join(tmpdir(), 'udhcpc-'));
  const file = join(directory, 'released');
  const script = `trap 'touch ${file}; echo "backhauld-dhcp;event=deconfig;end"' USR2; echo "${granted}"; while :; do sleep 0.02; done`;
  const { client, until, news } = start(script);
  await until(1);
  await client.stop(release);
  expect(existsSync(file)).toBe(release);
  expect(news.map(({ type }) => type)).toEqual(['granted']);
  rmSync(directory, { recursive: true });
});

test('without a client installed that is the news', async () => {
  const problem = { code: 'tool.missing', message: 'no udhcpc' } as const;
  const target = createUdhcpcTarget(async () => ({ ok: false, problem }));
  const news = await new Promise<DhcpNews>((resolve) => {
    target.start({ index: 7, name: 'eth0', wanted: null }, resolve);
  });
  expect(news).toEqual({ type: 'ended', problem });
});
