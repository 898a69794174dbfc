import type { OnboardingToken } from '../adapters/control/api.ts';
import { BackhaulError } from '../model/errors.ts';
import { hotspotModes, type HotspotStatus } from '../model/hotspot.ts';
import type { HotspotAccess } from '../model/wifi-uri.ts';
import { showAnswer } from './ask.ts';
import type { Command, Invocation } from './command.ts';
import type { ExitCode } from './exit-codes.ts';
import { renderAccess, renderHotspot, renderToken } from './text/hotspot.text.ts';

export const command: Command = {
  operands: 'on|off|auto|status|qr|rotate|token',
  fewestOperands: 1,
  mostOperands: 1,
  flags: {},
  about: `Opens the hotspot (on), closes it (off), or leaves it to the daemon, which opens
it while there is no way out (auto). "status" shows how it is, "qr" its key as a
QR code for cameras of phones. "rotate" makes another key; the one before works
on for a while. "token" makes a token that is good for the key once.`,
  run(invocation) {
    const [verb = ''] = invocation.operands;
    const act = actions.get(verb);
    if (act !== undefined) return act(invocation);
    throw new BackhaulError({
      code: 'usage.invalid',
      message: `"hotspot" cannot ${JSON.stringify(verb)}`,
      remedy: `expected one of ${[...actions.keys()].join(', ')}`,
    });
  },
};

type Action = (invocation: Invocation) => Promise<ExitCode>;

const shown = (call: Parameters<typeof showAnswer>[1]): Action => {
  return (invocation) =>
    showAnswer<HotspotStatus>(invocation, call, (status, paint) => renderHotspot(status, new Date(), paint));
};

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ...hotspotModes.map((mode) => [mode, shown({ method: 'PUT', path: '/hotspot', body: { mode } })] as const),
  ['status', shown({ method: 'GET', path: '/hotspot' })],
  ['rotate', shown({ method: 'POST', path: '/hotspot/rotate' })],
  ['qr', showCode],
  ['token', showToken],
]);

async function showCode(invocation: Invocation): Promise<ExitCode> {
  const { qrLines } = await import('../adapters/qr/qr.ts');
  return showAnswer<HotspotAccess>(invocation, { method: 'GET', path: '/hotspot/qr' }, (access) =>
    renderAccess(access, qrLines(access.uri, invocation.io.hasColors)),
  );
}

async function showToken(invocation: Invocation): Promise<ExitCode> {
  const { qrLines } = await import('../adapters/qr/qr.ts');
  return showAnswer<OnboardingToken>(invocation, { method: 'POST', path: '/hotspot/token' }, (token) =>
    renderToken(token, token.url === null ? [] : qrLines(token.url, invocation.io.hasColors)),
  );
}
