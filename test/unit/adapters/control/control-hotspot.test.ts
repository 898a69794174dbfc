import { describe, expect, test } from 'vitest';

import type { HotspotApi } from '../../../../src/adapters/control/api.ts';
import { callControl, type ControlCall } from '../../../../src/adapters/control/client.ts';
import { BackhaulError } from '../../../../src/model/errors.ts';
import { access, hotspot, token } from '../../../golden/samples.ts';
import { fakeDaemon, noHotspot, rawExchange } from './control-fixture.ts';

const refusal = { code: 'hotspot.tokenRefused', message: 'the token is refused' } as const;

function fakeHotspot() {
  const asked: unknown[] = [];
  const api: HotspotApi = {
    status: () => hotspot,
    setMode: (mode) => {
      asked.push(mode);
      return { ...hotspot, mode };
    },
    rotateKey: () => {
      asked.push('rotate');
      return hotspot;
    },
    access: () => access,
    issueToken: () => token,
    redeemToken: (given, from) => {
      asked.push([given, from]);
      return given === token.token ? access : refusal;
    },
  };
  return { asked, api };
}

const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => null,
    (error: unknown) => (error instanceof BackhaulError ? error.problems[0] : error),
  );

describe('the hotspot of the control API', () => {
  test.each([
    ['GET', '/hotspot', undefined, hotspot],
    ['PUT', '/hotspot', { mode: 'on' }, { ...hotspot, mode: 'on' }],
    ['PUT', '/hotspot', { mode: 'off' }, { ...hotspot, mode: 'off' }],
    ['PUT', '/hotspot', { mode: 'auto' }, hotspot],
    ['POST', '/hotspot/rotate', undefined, hotspot],
    ['GET', '/hotspot/qr', undefined, access],
    ['POST', '/hotspot/token', undefined, token],
    ['POST', '/hotspot/redeem', { token: token.token }, access],
  ] as const)('answers %s %s %j', async (method, path, body, expected) => {
    const daemon = await fakeDaemon({ hotspot: fakeHotspot().api });
    const call: ControlCall = body === undefined ? { method, path } : { method, path, body };
    expect(await callControl(daemon.path, call)).toEqual(expected);
  });

  test('SECU-3: says that it was asked by the control socket who redeems a token there', async () => {
    const { asked, api } = fakeHotspot();
    const daemon = await fakeDaemon({ hotspot: api });
    const wrong = callControl(daemon.path, { method: 'POST', path: '/hotspot/redeem', body: { token: 'wrong' } });
    expect(await failure(wrong)).toEqual(refusal);
    expect(asked).toEqual([['wrong', 'the control socket']]);
  });

  test.each([
    ['PUT', '/hotspot', { mode: 'maybe' }],
    ['PUT', '/hotspot', { mode: 1 }],
    ['PUT', '/hotspot', ['on']],
    ['PUT', '/hotspot', undefined],
    ['POST', '/hotspot/redeem', { token: 5 }],
    ['POST', '/hotspot/redeem', null],
    ['DELETE', '/hotspot', undefined],
    ['GET', '/hotspot/token', undefined],
    ['GET', '/hotspot/rotate', undefined],
  ] as const)('refuses %s %s %j, and does nothing', async (method, path, body) => {
    const { asked, api } = fakeHotspot();
    const daemon = await fakeDaemon({ hotspot: api });
    expect(await failure(callControl(daemon.path, { method, path, body }))).toMatchObject({ code: 'control.protocol' });
    expect(asked).toEqual([]);
  });

  test.each([
    ['GET /hotspot', 409],
    ['POST /hotspot/rotate', 409],
    ['GET /hotspot/qr', 409],
    ['POST /hotspot/token', 409],
  ])('says for %s that there is none', async (request, status) => {
    const daemon = await fakeDaemon({ hotspot: noHotspot });
    const answer = await rawExchange(daemon.path, `${request} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} .*"hotspot\\.notEnabled"`, 'su'));
  });
});
