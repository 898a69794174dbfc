import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import type { OnboardingToken } from '../../../src/adapters/control/api.ts';
import { callControl, type ControlCall } from '../../../src/adapters/control/client.ts';
import { listenToEvents } from '../../../src/adapters/control/events.ts';
import { readRecording } from '../../../src/adapters/recorder/read-recording.ts';
import type { HotspotStatus } from '../../../src/model/hotspot.ts';
import type { HotspotAccess } from '../../../src/model/wifi-uri.ts';
import { quick, Site } from './site.ts';

/** A bridge stands in the place of the radio. */
const withHotspot = (security: string): string => `${quick}
[hotspot]
enabled = true
interface = "ap0"
country = "DE"
ssid = "node"
ipAddress = "192.168.77.1"
dhcpStart = "192.168.77.100"
dhcpEnd = "192.168.77.200"
[hotspot.security]
${security}
`;

async function begin(security: string): Promise<Site> {
  const site = await Site.create();
  await site.node.ip('link add ap0 type bridge');
  // What is told in the most talkative log is told in every other.
  await site.start(withHotspot(security), { wrapper: ['env', 'BACKHAULD_LOG_LEVEL=trace'] });
  return site;
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what the daemon answers is named by the caller
const ask = async <Answer>(site: Site, call: ControlCall): Promise<Answer> =>
  (await callControl(site.daemon.socket, call)) as Answer;

const stateOf = (site: Site): string => join(site.daemon.socket, '..', 'state');

/** Every file below a directory, by its path. */
const filesIn = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());

/** Command lines and environments of all processes of this sandbox. */
function processList(): string {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/u.test(name));
  return processes
    .flatMap((id) => ['cmdline', 'environ', 'comm'].map((file) => join('/proc', id, file)))
    .map((path) => {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return '';
      }
    })
    .join('\n');
}

async function recordingOf(site: Site): Promise<string> {
  const items: unknown[] = [];
  for await (const item of readRecording(join(stateOf(site), 'recordings'))) items.push(item);
  return JSON.stringify(items);
}

/** Exchanges a token on the hotspot's own page, without it being in any process list. */
async function joinByPage(site: Site, token: string): Promise<HotspotAccess> {
  const file = join(site.lab.directory, 'token.txt');
  writeFileSync(file, token, { mode: 0o600 });
  const script = `fetch('http://192.168.77.1/join', { method: 'POST', headers: { accept: 'application/json' },
    body: new URLSearchParams({ token: require('node:fs').readFileSync(${JSON.stringify(file)}, 'utf8') }) })
    .then((answer) => answer.text()).then((text) => process.stdout.write(text))`;
  return JSON.parse(await site.node.exec(process.execPath, ['-e', script])) as HotspotAccess;
}

describe.concurrent('the secrets of a hotspot', () => {
  test('SECU-4: keys and tokens are in the answers to those who ask for them, and nowhere else', async () => {
    await using site = await begin('onboardingTokens = { enabled = true }');
    const told: string[] = [];
    const stop = new AbortController();
    const listening = listenToEvents(site.daemon.socket, (event) => told.push(JSON.stringify(event)), stop.signal);
    await ask(site, { method: 'PUT', path: '/hotspot', body: { mode: 'on' } });
    await site.until(({ hotspot }) => hotspot?.state === 'active', 'the hotspot is on');

    const processes = [processList()];
    const first = await ask<HotspotAccess>(site, { method: 'GET', path: '/hotspot/qr' });
    const issue = async () => ask<OnboardingToken>(site, { method: 'POST', path: '/hotspot/token' });
    const tokens = [await issue(), await issue(), await issue()].map(({ token }) => token);
    const [byControl = '', byPage = '', unused = ''] = tokens;
    const redeemed = { method: 'POST', path: '/hotspot/redeem', body: { token: byControl } } as const;
    expect(await ask(site, redeemed)).toEqual(first);
    await expect(ask(site, redeemed)).rejects.toThrow('[hotspot.tokenRefused]');
    expect(await joinByPage(site, byPage)).toEqual(first);

    await ask(site, { method: 'POST', path: '/hotspot/rotate' });
    await site.until(({ hotspot }) => hotspot?.key.number === 2, 'there is another key');
    const second = await ask<HotspotAccess>(site, { method: 'GET', path: '/hotspot/qr' });
    processes.push(processList());
    const status = await ask<HotspotStatus>(site, { method: 'GET', path: '/hotspot' });
    const shown = await Promise.all([
      site.backhauld('status', '--json'),
      site.backhauld('status'),
      site.backhauld('hotspot', 'status'),
      site.backhauld('plan'),
      site.backhauld('explain'),
    ]);
    const secrets = [first.passphrase ?? '', second.passphrase ?? '', byControl, byPage, unused];
    expect(secrets.every((secret) => secret.length >= 19)).toBe(true);
    expect(new Set(secrets).size).toBe(5);

    const daemonFiles = filesIn(stateOf(site));
    const keyFile = join(stateOf(site), 'hotspot-keys.json');
    expect(readFileSync(keyFile, 'utf8')).toContain(second.passphrase);
    const modes = daemonFiles.map((path) => (statSync(path).mode & 0o777).toString(8));
    expect(new Set(modes)).toEqual(new Set(['600']));

    expect(await site.daemon.stop()).toBe(0);
    stop.abort();
    await listening;
    const log = readFileSync(site.daemon.logFile, 'utf8');
    const places = {
      log,
      events: told.join('\n'),
      status: JSON.stringify([status, shown]),
      recording: await recordingOf(site),
      files: filesIn(stateOf(site))
        .filter((path) => path !== keyFile)
        .map((path) => readFileSync(path, 'latin1'))
        .join('\n'),
      processes: processes.join('\n'),
    };
    const found = Object.entries(places).flatMap(([place, text]) =>
      secrets.flatMap((secret, which) => (text.includes(secret) ? [`secret ${which} in ${place}`] : [])),
    );
    expect(found).toEqual([]);
    // What is looked through is what it is taken for.
    expect(places.events).toContain('"hotspot"');
    expect(places.recording).toContain('command.rotateKey');
    expect(places.processes).toContain('dnsmasq');
    for (const operation of ['hotspot.on', 'hotspot.rotateKey', 'token.issue', 'token.redeem', 'token.refuse']) {
      expect(log).toContain(`"operation":"${operation}"`);
    }
  });

  test('SECU-2: a daemon that was killed goes on with the key that clients know, and the one before still works', async () => {
    await using site = await begin('pskRotation = { overlap = "10m" }');
    const keyOf = async () => ask<HotspotAccess>(site, { method: 'GET', path: '/hotspot/qr' });
    const on = async () => {
      await ask(site, { method: 'PUT', path: '/hotspot', body: { mode: 'on' } });
      return site.until(({ hotspot }) => hotspot?.state === 'active', 'the hotspot is on');
    };
    await on();
    await ask(site, { method: 'POST', path: '/hotspot/rotate' });
    await site.until(({ hotspot }) => hotspot?.key.number === 2, 'there is another key');
    const before = await keyOf();
    await site.daemon.kill();
    await site.daemon.start();
    const { hotspot } = await on();
    expect(hotspot?.key.number).toBe(2);
    expect(hotspot?.key.previousEndsInMs).toBeGreaterThan(500_000);
    expect(await keyOf()).toEqual(before);
  });

  test('SECU-4: a passphrase of the configuration is neither recorded nor logged, and is in no state', async () => {
    await using site = await begin('passphrase = "correct horse"\nmode = "wpa2Psk"');
    await ask(site, { method: 'PUT', path: '/hotspot', body: { mode: 'on' } });
    await site.until(({ hotspot }) => hotspot?.state === 'active', 'the hotspot is on');
    expect(await ask(site, { method: 'GET', path: '/hotspot/qr' })).toMatchObject({ passphrase: 'correct horse' });
    const shown = await Promise.all([site.backhauld('check'), site.backhauld('status', '--json')]);
    const processes = processList();
    expect(await site.daemon.stop()).toBe(0);
    const recording = await recordingOf(site);
    expect(recording).toContain('"wpa2Psk"');
    const everything = [
      recording,
      JSON.stringify(shown),
      processes,
      readFileSync(site.daemon.logFile, 'utf8'),
      ...filesIn(stateOf(site)).map((path) => readFileSync(path, 'latin1')),
    ];
    expect(everything.filter((text) => text.includes('correct horse'))).toEqual([]);
  });
});
