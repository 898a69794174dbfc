import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

import { createLog } from '../../../src/adapters/log/log.ts';
import { openHotspotControl } from '../../../src/engine/hotspot-control.ts';
import { createProblemBoard } from '../../../src/engine/problem-board.ts';
import { defaultConfig, type HotspotConfig, type HotspotSecurityConfig } from '../../../src/model/config.ts';
import type { NodeEvent } from '../../../src/model/events.ts';
import type { HotspotStatus } from '../../../src/model/hotspot.ts';
import { instant } from '../../../src/model/units.ts';
import { hotspot as sample } from '../../golden/samples.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'backhauld-hotspot-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const withTokens = { onboardingTokens: { ...defaultConfig.hotspot.security.onboardingTokens, enabled: true } };

async function bench(
  security: Partial<HotspotSecurityConfig> = {},
  { enabled = true, stateDirectory = folder() }: { enabled?: boolean; stateDirectory?: string } = {},
) {
  const config: HotspotConfig = {
    ...defaultConfig.hotspot,
    enabled,
    ssid: 'node "7"',
    security: { ...defaultConfig.hotspot.security, ...security },
  };
  const sent: NodeEvent[] = [];
  const logged: string[] = [];
  const log = createLog({ level: 'trace', destination: { write: (line) => logged.push(line) } });
  const stands: { status: HotspotStatus | null } = { status: sample };
  const control = await openHotspotControl({
    config,
    stateDirectory,
    log,
    problems: createProblemBoard(log),
    now: () => instant(5000),
    send: (event) => sent.push(event),
    status: () => (enabled ? stands.status : null),
  });
  return { ...control, sent, logged, stands, stateDirectory };
}

const notEnabled = { code: 'hotspot.notEnabled' };

describe('what can be asked of the hotspot', () => {
  test('where there is none, each answer says how to have one', async () => {
    const { api, keys, onboarding, ...others } = await bench({}, { enabled: false });
    const orders = [api.status(), api.setMode('on'), api.rotateKey()];
    for (const answer of [...orders, api.access(), api.issueToken(), api.redeemToken('x', 'y')]) {
      expect(answer).toMatchObject(notEnabled);
    }
    expect({ keys, onboarding, remembered: others.remembered() }).toEqual({
      keys: null,
      onboarding: null,
      remembered: null,
    });
  });

  test('SECU-4: orders go to the machines, and into the audit log', async () => {
    const { api, sent, logged } = await bench();
    expect(api.setMode('on')).toEqual(sample);
    expect(api.rotateKey()).toEqual(sample);
    expect(sent).toEqual([
      { type: 'command.hotspot', mode: 'on', at: 5000 },
      { type: 'command.rotateKey', at: 5000 },
    ]);
    expect(logged.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { component: 'audit', operation: 'hotspot.on', target: 'node "7"', because: 'by command' },
      { component: 'audit', operation: 'hotspot.rotateKey', because: 'by command' },
    ]);
  });

  test('the key that is shown is the one that clients are given now', async () => {
    const { api, keys, stands } = await bench();
    const [second, third] = keys?.keysFor([2, 3]) ?? [];
    const passphrase = third?.passphrase ?? '';
    expect(api.access()).toEqual({
      ssid: 'node "7"',
      security: 'wpa2Wpa3Mixed',
      passphrase,
      uri: String.raw`WIFI:T:WPA;S:node \"7\";P:${passphrase};;`,
    });
    stands.status = { ...sample, key: { ...sample.key, number: 2 } };
    expect(api.access()).toMatchObject({ passphrase: second?.passphrase });
  });

  test('an open hotspot shows that it has no key, and changes none', async () => {
    const { api, sent } = await bench({ mode: 'open', allowOpen: true });
    expect(api.access()).toMatchObject({ passphrase: null, uri: String.raw`WIFI:T:nopass;S:node \"7\";;` });
    expect(api.rotateKey()).toMatchObject({ code: 'usage.invalid' });
    expect(sent).toEqual([]);
  });

  test('a key of the configuration is shown, and not changed', async () => {
    const { api, sent } = await bench({ passphrase: 'open sesame' });
    expect(api.access()).toMatchObject({ passphrase: 'open sesame' });
    expect(api.rotateKey()).toMatchObject({ code: 'usage.invalid' });
    expect(sent).toEqual([]);
  });

  test('what was the last key is remembered for the machines', async () => {
    const first = await bench();
    expect(first.remembered()).toBeNull();
    first.keys?.keysFor([4, 5]);
    const second = await bench({}, { stateDirectory: first.stateDirectory });
    const event = second.remembered();
    expect(event).toMatchObject({ type: 'hotspot.remembered', key: 5, at: 5000 });
    expect(event?.type === 'hotspot.remembered' ? event.age : -1).toBeLessThan(60_000);
  });
});

describe('onboarding', () => {
  test('SECU-3: is off unless it is switched on', async () => {
    const { api, onboarding } = await bench();
    expect(api.issueToken()).toMatchObject(notEnabled);
    expect(api.redeemToken('0'.repeat(32), 'x')).toMatchObject(notEnabled);
    expect(onboarding).toBeNull();
  });

  test('SECU-3: a token gives name and key once, by the control API or by the page', async () => {
    const { api, onboarding } = await bench(withTokens);
    const [first, second] = [api.issueToken(), api.issueToken()];
    if (!('token' in first && 'token' in second) || onboarding === null) throw new Error('no token');
    expect(first).toMatchObject({ expiresInMs: 300_000, url: `http://192.168.50.1/join?token=${first.token}` });
    expect(api.redeemToken(first.token, 'x')).toEqual(api.access());
    expect(api.redeemToken(first.token, 'x')).toMatchObject({ code: 'hotspot.tokenRefused' });
    const request = {
      method: 'POST',
      path: '/join',
      query: new URLSearchParams(),
      body: `token=${second.token}`,
      contentType: 'application/x-www-form-urlencoded',
      accept: 'application/json',
      from: '192.168.50.101',
    };
    expect(JSON.parse((await onboarding(request)).body)).toEqual(api.access());
    expect(await onboarding(request)).toMatchObject({ status: 403 });
  });

  test('while the hotspot has no address there is no page to name', async () => {
    const { api, stands } = await bench(withTokens);
    stands.status = { ...sample, address: null };
    expect(api.issueToken()).toMatchObject({ url: null });
  });

  test('SECU-3, SECU-4: the audit log has what was done, and neither token nor key', async () => {
    const { api, logged } = await bench(withTokens);
    const issued = api.issueToken();
    const token = 'token' in issued ? issued.token : '';
    api.redeemToken(token, '192.168.50.101');
    api.redeemToken(token, '192.168.50.102');
    const shown = api.access();
    expect(logged.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { component: 'audit', operation: 'token.issue', target: 'node "7"', from: 'the control socket' },
      { component: 'audit', operation: 'token.redeem', from: '192.168.50.101' },
      { component: 'audit', operation: 'token.refuse', from: '192.168.50.102' },
    ]);
    expect(token).toHaveLength(32);
    expect(logged.join('')).not.toContain(token);
    expect('passphrase' in shown && shown.passphrase).toHaveLength(19);
    expect(logged.join('')).not.toContain('passphrase' in shown ? shown.passphrase : '');
  });
});
