/** What people and programs can ask of the hotspot, and the secrets that it needs: they stay outside the machines. */
import type { HotspotApi } from '../adapters/control/api.ts';
import type { KeyStore } from '../adapters/hotspot/key-store.ts';
import type { Onboarding } from '../adapters/hotspot/onboarding-page.ts';
import type { OnboardingTokens } from '../adapters/hotspot/onboarding-tokens.ts';
import type { Log } from '../adapters/log/log.ts';
import type { HotspotConfig } from '../model/config.ts';
import type { Problem } from '../model/errors.ts';
import type { NodeEvent } from '../model/events.ts';
import type { HotspotStatus } from '../model/hotspot.ts';
import type { Instant } from '../model/units.ts';
import { wifiUri, type HotspotAccess } from '../model/wifi-uri.ts';
import type { ProblemBoard } from './problem-board.ts';

export interface HotspotControlOptions {
  readonly config: HotspotConfig;
  readonly stateDirectory: string;
  readonly log: Log;
  readonly problems: ProblemBoard;
  readonly now: () => Instant;
  readonly send: (event: NodeEvent) => void;
  /** How the hotspot stands; null: there is none. */
  readonly status: () => HotspotStatus | null;
}

export interface HotspotControl {
  readonly api: HotspotApi;
  /** Null where the configuration has no hotspot. */
  readonly keys: KeyStore | null;
  /** Answers `/join` on the hotspot's own web server; null where the configuration has no tokens. */
  readonly onboarding: Onboarding | null;
  /** What the machines have to know before anything else: which key clients were given by the run before. */
  remembered(): NodeEvent | null;
}

/** What is wanted by few is loaded by few: without a hotspot there is nothing but the answer that there is none. */
export async function openHotspotControl(options: HotspotControlOptions): Promise<HotspotControl> {
  const { config, stateDirectory, log, problems, now } = options;
  if (!config.enabled) return { api: noHotspot, keys: null, onboarding: null, remembered: () => null };
  const [{ openKeyStore }, { createOnboardingTokens }, { createOnboarding, onboardingPath }] = await Promise.all([
    import('../adapters/hotspot/key-store.ts'),
    import('../adapters/hotspot/onboarding-tokens.ts'),
    import('../adapters/hotspot/onboarding-page.ts'),
  ]);
  const audit = log.child({ component: 'audit' });
  const { ssid, security } = config;
  const keys = openKeyStore({
    directory: stateDirectory,
    fixed: security.passphrase,
    now: () => Date.now(),
    onProblem: problems.note,
    onSolved: problems.solve,
  });
  const tokens = security.onboardingTokens.enabled
    ? createOnboardingTokens({
        lifetime: security.onboardingTokens.lifetime,
        now,
        audit: ({ operation, from, because }) =>
          audit.info({ operation, target: ssid, from, because }, `${operation} for ${from}`),
      })
    : null;
  const api = hotspotApi(options, keys, tokens, audit, onboardingPath);
  return {
    api,
    keys,
    onboarding: tokens === null ? null : createOnboarding((token, from) => api.redeemToken(token, from)),
    remembered() {
      const last = keys.last();
      return last === null ? null : { type: 'hotspot.remembered', at: now(), key: last.number, age: last.age };
    },
  };
}

function hotspotApi(
  { config: { ssid, security }, now, send, status }: HotspotControlOptions,
  keys: KeyStore,
  tokens: OnboardingTokens | null,
  audit: Log,
  onboardingPath: string,
): HotspotApi {
  const standing = (): HotspotStatus | Problem => status() ?? notEnabled;
  const ordered = (event: NodeEvent, operation: string): HotspotStatus | Problem => {
    audit.info({ operation, target: ssid, because: 'by command' }, operation);
    send(event);
    return standing();
  };
  const access = (): HotspotAccess | Problem => {
    const stands = status();
    if (stands === null) return notEnabled;
    const passphrase = security.mode === 'open' ? null : keys.passphraseOf(stands.key.number);
    return { ssid, security: security.mode, passphrase, uri: wifiUri({ ssid, passphrase }) };
  };
  return {
    status: standing,
    setMode: (mode) => ordered({ type: 'command.hotspot', at: now(), mode }, `hotspot.${mode}`),
    rotateKey() {
      if (security.mode === 'open') return fixed('the hotspot is open: it has no key');
      if (keys.isFixed) return fixed('the key is a fixed one of the configuration: hotspot.security.passphrase');
      return ordered({ type: 'command.rotateKey', at: now() }, 'hotspot.rotateKey');
    },
    access,
    issueToken() {
      if (tokens === null) return noTokens;
      const address = status()?.address ?? null;
      // Whoever asks here may use the control socket, and see the key itself.
      const { token, expiresInMs } = tokens.issue('the control socket');
      return { token, expiresInMs, url: address === null ? null : `http://${address}${onboardingPath}?token=${token}` };
    },
    redeemToken: (token, from) => (tokens === null ? noTokens : (tokens.redeem(token, from) ?? access())),
  };
}

const notEnabled: Problem = {
  code: 'hotspot.notEnabled',
  message: 'the configuration has no hotspot',
  remedy: 'set enabled = true in [hotspot]',
};

const noTokens: Problem = {
  code: 'hotspot.notEnabled',
  message: 'the configuration has no onboarding tokens',
  remedy: 'set enabled = true in [hotspot.security.onboardingTokens]',
};

const fixed = (message: string): Problem => ({ code: 'usage.invalid', message });

const noHotspot: HotspotApi = {
  status: () => notEnabled,
  setMode: () => notEnabled,
  rotateKey: () => notEnabled,
  access: () => notEnabled,
  issueToken: () => notEnabled,
  redeemToken: () => notEnabled,
};
