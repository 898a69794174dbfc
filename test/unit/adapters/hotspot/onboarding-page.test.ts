import { describe, expect, test } from 'vitest';

import { createOnboarding, type OnboardingRequest } from '../../../../src/adapters/hotspot/onboarding-page.ts';
import type { Problem } from '../../../../src/model/errors.ts';
import type { HotspotAccess } from '../../../../src/model/wifi-uri.ts';
import { decodeSvg } from '../qr/decode.ts';

const access: HotspotAccess = {
  ssid: '<b>"me" & you</b>',
  security: 'wpa2Wpa3Mixed',
  passphrase: 'k7wm-2hxa-9tqe-dz4n',
  uri: String.raw`WIFI:T:WPA;S:<b>\"me\" & you</b>;P:k7wm-2hxa-9tqe-dz4n;;`,
};
const refusal: Problem = { code: 'hotspot.tokenRefused', message: 'the token is refused: it is <old>' };

function bench() {
  const asked: (readonly [string, string])[] = [];
  const onboarding = createOnboarding((token, from) => {
    asked.push([token, from]);
    return token === 'good' ? access : refusal;
  });
  const ask = (request: Partial<OnboardingRequest>) =>
    onboarding({
      method: 'GET',
      path: '/join',
      query: new URLSearchParams(),
      body: '',
      contentType: 'application/x-www-form-urlencoded',
      accept: 'text/html',
      from: '192.168.50.101',
      ...request,
    });
  return { asked, ask };
}

describe('the page that gives the key for a token', () => {
  test('SECU-3: spends nothing when it is only looked at, and shows nothing', async () => {
    const { ask, asked } = bench();
    const { status, body } = await ask({ query: new URLSearchParams({ token: 'good' }) });
    expect(status).toBe(200);
    expect(body).toContain('value="good"');
    expect(body).not.toContain('k7wm');
    expect(asked).toEqual([]);
  });

  test('SECU-3: shows name, key and QR code for a good one', async () => {
    const { ask, asked } = bench();
    const { status, body } = await ask({ method: 'POST', body: 'token=good' });
    expect(status).toBe(200);
    expect(body).toContain('<dd>k7wm-2hxa-9tqe-dz4n</dd>');
    expect(body).toContain('<dd>&#60;b&#62;&#34;me&#34; &#38; you&#60;/b&#62;</dd>');
    expect(decodeSvg(body)).toBe(access.uri);
    expect(asked).toEqual([['good', '192.168.50.101']]);
  });

  test('says why one is refused', async () => {
    const { ask } = bench();
    const { status, body } = await ask({ method: 'POST', body: 'token=bad' });
    expect(status).toBe(403);
    expect(body).toContain('the token is refused: it is &#60;old&#62;');
    expect(body).not.toContain('k7wm');
  });

  test('what a link fills in stays text', async () => {
    const { ask } = bench();
    const { body } = await ask({ query: new URLSearchParams({ token: '"><script>alert(1)</script>' }) });
    expect(body).not.toContain('<script');
  });

  test('answers programs in JSON', async () => {
    const { ask } = bench();
    const json = {
      method: 'POST',
      accept: 'application/json',
      contentType: 'application/json; charset=utf-8',
    } as const;
    const good = await ask({ ...json, body: '{"token":"good"}' });
    expect({ status: good.status, value: JSON.parse(good.body) as unknown }).toEqual({ status: 200, value: access });
    const bad = await ask({ ...json, body: '{"token":3}' });
    expect({ status: bad.status, value: JSON.parse(bad.body) as unknown }).toEqual({
      status: 403,
      value: { error: refusal },
    });
  });

  test.each(['not json', '[]', 'null', '{"token":["good"]}'])(
    'a body that holds no token is refused: %s',
    async (body) => {
      const { ask, asked } = bench();
      const { status } = await ask({ method: 'POST', contentType: 'application/json', body });
      expect({ status, asked }).toEqual({ status: 403, asked: [['', '192.168.50.101']] });
    },
  );

  test('takes no other method', async () => {
    const { status, headers } = await bench().ask({ method: 'DELETE' });
    expect({ status, allow: headers['allow'] }).toEqual({ status: 405, allow: 'GET, HEAD, POST' });
  });

  test('SECU-4: is kept by no cache, runs no script, is in no frame and gives no address away', async () => {
    const { ask } = bench();
    for (const request of [{}, { method: 'POST', body: 'token=good' }, { method: 'POST', body: 'token=bad' }]) {
      const { headers } = await ask(request);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/u) as unknown,
      });
    }
  });
});
