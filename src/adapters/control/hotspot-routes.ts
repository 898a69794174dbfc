/** The hotspot's resources of the control API. Those that answer with a secret are for whoever may use the socket. */
import { hotspotModes, type HotspotMode } from '../../model/hotspot.ts';
import type { Problem } from '../../model/errors.ts';
import { failed, memberOf, ok, type ControlAnswer, type Routes } from './answers.ts';

/** Who asks by the control socket, as the audit log calls them. */
const controlSocket = 'the control socket';

export const hotspotRoutes: Routes = {
  '/hotspot': {
    GET: ({ hotspot }) => answered(hotspot.status()),
    PUT: ({ hotspot }, { body }) => {
      const mode = modeIn(body);
      return mode === null ? malformed(`{"mode": "${hotspotModes.join('|')}"}`) : answered(hotspot.setMode(mode));
    },
  },
  '/hotspot/rotate': { POST: ({ hotspot }) => answered(hotspot.rotateKey()) },
  '/hotspot/qr': { GET: ({ hotspot }) => answered(hotspot.access()) },
  '/hotspot/token': { POST: ({ hotspot }) => answered(hotspot.issueToken()) },
  '/hotspot/redeem': {
    POST: ({ hotspot }, { body }) => {
      const token = memberOf(body, 'token');
      return token === null ? malformed('{"token": "…"}') : answered(hotspot.redeemToken(token, controlSocket));
    },
  },
};

const answered = (value: object): ControlAnswer =>
  isProblem(value) ? failed(value.code === 'hotspot.tokenRefused' ? 403 : 409, value) : ok(value);

const isProblem = (value: object): value is Problem => 'code' in value;

const malformed = (expected: string): ControlAnswer =>
  failed(400, { code: 'control.protocol', message: `the body is no ${expected}` });

function modeIn(body: string): HotspotMode | null {
  const named = memberOf(body, 'mode');
  return hotspotModes.find((mode) => mode === named) ?? null;
}
