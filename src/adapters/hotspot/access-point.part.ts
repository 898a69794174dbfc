import type { HotspotKey, KeySource } from '../../effects/ports.ts';
import type { Problem } from '../../model/errors.ts';
import type { AccessPointPart } from '../../model/hotspot-parts.ts';
import { run } from '../process/run.ts';
import type { Supervised } from '../process/supervised.ts';
import { ClientKeys } from './client-keys.ts';
import {
  checkKeys,
  hostapdFiles,
  pskFile,
  pskOf,
  saePassword,
  usesPsk,
  usesSae,
  type KnownClient,
} from './hostapd.config.ts';
import { frequencyOf, parseHostapdLine, parseHostapdVersion } from './hostapd.lines.ts';
import { patience, type PartMaker } from './part-maker.ts';
import type { RuntimeFiles } from './runtime-files.ts';
import { lastWords, missing, startService, stopService } from './service.ts';
import { tooOld } from './tool-version.ts';

/** Until the beacon must be on air, in milliseconds: the country, and a look at what else is on the channel, take time. */
const startTimeout = 15_000;
/** Older ones cannot read `wpa_psk_file` anew, nor hash to an element. */
const leastVersion = [2, 10] as const;
/** Beacons that announce another channel before it is taken. */
const switchBeacons = 5;
/** So often it is asked to go there, this long apart, in milliseconds. */
const switchAttempts = 6;
const switchWait = 300;

export interface AccessPointOptions {
  readonly files: RuntimeFiles;
  readonly keys: KeySource;
  readonly ended: (problem: Problem) => void;
  readonly clients: (count: number) => void;
  readonly noted: (problem: Problem) => void;
}

/** hostapd. */
export function createAccessPoint({
  files,
  keys: source,
  ended,
  clients,
  noted,
}: AccessPointOptions): PartMaker<'accessPoint'> {
  let service: Supervised | null = null;
  /** How it was really started: by WPA2 alone where WPA3 cannot be had. */
  let standing: AccessPointPart | null = null;
  /** Asked once: to load it takes as long as everything else before a start. */
  let isNewEnough = false;
  const stations = new ClientKeys();
  /** The key after the newest that hostapd knows already; null: it knows none. */
  let upcoming: HotspotKey | null = null;
  /** All that the running hostapd was given, which it may tell of at its end: keys that are none any more, too. */
  const secrets = new Set<string>();

  const control = files.pathOf('hostapd');
  const places = { control, pskFile: files.pathOf('hostapd.psk') };

  function keysOf({ key, previousKey, security }: AccessPointPart): readonly HotspotKey[] {
    const keys = security === 'open' ? [] : source.keysFor(previousKey === null ? [key] : [key, previousKey]);
    for (const { passphrase } of keys) secrets.add(passphrase);
    return keys;
  }

  function upcomingOf(part: AccessPointPart): HotspotKey | null {
    const key = usesPsk(part) ? (source.upcoming?.(part.key + 1) ?? null) : null;
    if (key !== null) secrets.add(key.passphrase);
    return key;
  }

  /** Those that came with the key before, and may come back with it. */
  function knownClients(part: AccessPointPart, keys: readonly HotspotKey[]): readonly KnownClient[] {
    const previous = keys.find(({ number }) => number === part.previousKey)?.passphrase;
    if (previous === undefined || !usesSae(part)) return [];
    return stations.withKey(Number(part.previousKey)).map((macAddress) => ({ macAddress, passphrase: previous }));
  }

  function hear(line: string): void {
    const event = parseHostapdLine(line);
    if (event === null || standing === null) return;
    if (event.type === 'attempted') {
      if (stations.attempt(event.macAddress, standing, performance.now())) void tryOther(standing, event.macAddress);
      return;
    }
    if (event.type === 'connected') stations.connect(event, standing);
    else if (event.type === 'disconnected') stations.disconnect(event.macAddress);
    else return;
    clients(stations.connected);
    void learnUpcoming();
  }

  async function launch(part: AccessPointPart, signal: AbortSignal): Promise<Problem | null> {
    secrets.clear();
    const keys = keysOf(part);
    const bad = checkKeys(part, keys);
    if (bad !== null) return bad;
    upcoming = upcomingOf(part);
    const made = hostapdFiles(part, keys, places, knownClients(part, keys), upcoming);
    const unwritten =
      files.write('hostapd.conf', made.config) ??
      (made.pskFile === null ? null : files.write('hostapd.psk', made.pskFile));
    if (unwritten !== null) return unwritten;
    stations.dropAll();
    standing = part;
    const started = await startService({
      program: 'hostapd',
      args: [files.pathOf('hostapd.conf')],
      capabilities: ['net_admin', 'net_raw'],
      isReady: (line) => parseHostapdLine(line)?.type === 'enabled',
      isHopeless: (line) => parseHostapdLine(line)?.type === 'disabled',
      onLine: hear,
      onEnd(problem) {
        service = null;
        stations.dropAll();
        ended(problem);
      },
      explain: (exit) => failed(`hostapd on ${part.interface} ${lastWords(exit, [...secrets])}`),
      timeout: startTimeout,
      signal,
    });
    if ('code' in started) return started;
    service = started;
    return null;
  }

  /** The kernel refuses while a station on the same radio is still on the old channel, which it is about to leave. */
  async function moveTo(part: AccessPointPart, line: string): Promise<Problem | null> {
    let problem = await command(part, [line]);
    for (let attempt = 1; problem !== null && attempt < switchAttempts; attempt += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => setTimeout(resolve, switchWait));
      // oxlint-disable-next-line no-await-in-loop
      problem = await command(part, [line]);
    }
    return problem;
  }

  async function checkVersion(): Promise<Problem | null> {
    if (isNewEnough) return null;
    const result = await run('hostapd', ['-v'], { timeout: patience });
    if (!result.ok && result.code === 'tool.missing') return missing('hostapd');
    const version = parseHostapdVersion(result.stdout + result.stderr);
    const problem = tooOld('hostapd', version, leastVersion);
    isNewEnough = problem === null;
    return problem;
  }

  /** By its standard input: its arguments show in the process list, and there are keys among these. */
  async function command(part: AccessPointPart, lines: readonly string[]): Promise<Problem | null> {
    const input = `${[...lines, 'quit'].join('\n')}\n`;
    const result = await run('hostapd_cli', ['-p', control, '-i', part.interface], { timeout: patience, input });
    const answers: readonly string[] = result.stdout.match(/\b(?:OK|FAIL)\b/gu) ?? [];
    if (result.ok && answers.length === lines.length && !answers.includes('FAIL')) return null;
    return failed(result.ok ? 'hostapd refuses to be changed' : result.message);
  }

  /** That takes an argument that is empty, which cannot be said by the standard input. */
  async function forgetPasswords({ interface: name }: AccessPointPart): Promise<Problem | null> {
    const words = ['-p', control, '-i', name, 'set', 'sae_password', ''];
    const result = await run('hostapd_cli', words, { timeout: patience });
    return result.ok && /^OK$/mu.test(result.stdout) ? null : failed('hostapd refuses to be changed');
  }

  /** What hostapd is told of the passwords for WPA3; what it knew of them it has forgotten before. */
  const passwordLines = (part: AccessPointPart, keys: readonly HotspotKey[]): readonly string[] => [
    `set sae_password ${keys[0]?.passphrase ?? ''}`,
    ...knownClients(part, keys).map((client) => `set sae_password ${saePassword(client)}`),
  ];

  async function changeKeys(from: AccessPointPart, to: AccessPointPart): Promise<Problem | null> {
    const keys = keysOf(to);
    const bad = checkKeys(to, keys);
    if (bad !== null) return bad;
    const isKnown = upcoming?.number === to.key;
    const next = upcomingOf(to);
    const text = pskFile(next === null ? keys : [...keys, next]);
    const problem =
      (usesPsk(to) ? files.write('hostapd.psk', text) : null) ?? (usesSae(to) ? await forgetPasswords(from) : null);
    if (problem !== null) return problem;
    standing = to;
    const hasEnded = to.previousKey === null;
    const lines = usesSae(to) ? [...passwordLines(to, keys)] : [];
    if (usesPsk(to) && (hasEnded || !isKnown)) {
      // To have it read the file anew throws out everyone who is on by WPA3 (they come back at once): one key can be
      // given without that.
      const isAlone = hasEnded && stations.bySae > 0;
      const psk = isAlone ? await pskOf(keys[0]?.passphrase ?? '', to.ssid) : null;
      if (psk !== null) secrets.add(psk);
      lines.push(psk === null ? 'raw RELOAD_WPA_PSK' : `set wpa_psk ${psk}`);
      upcoming = isAlone ? null : next;
    }
    // Whoever has an old key cached comes back by it, unless that is forgotten; and whoever is on by one has to go.
    if (hasEnded)
      lines.push('raw PMKSA_FLUSH', ...stations.withOther(to.key).map((address) => `deauthenticate ${address}`));
    return command(from, lines);
  }

  /** Has hostapd know the next key before it is needed, now that nobody is thrown out by that. */
  async function learnUpcoming(): Promise<void> {
    if (standing === null || service === null || upcoming !== null || stations.bySae > 0) return;
    upcoming = upcomingOf(standing);
    if (upcoming !== null) await command(standing, ['raw RELOAD_WPA_PSK']);
  }

  /** A client is tried with the other key. */
  async function tryOther(part: AccessPointPart, macAddress: string): Promise<void> {
    if ((await forgetPasswords(part)) !== null) return;
    // What has begun with the one password would go on with it.
    await command(part, [...passwordLines(part, keysOf(part)), `deauthenticate ${macAddress}`]);
  }

  return {
    prepare: checkVersion,
    check: checkVersion,
    async start(part, signal) {
      const problem = await launch(part, signal);
      const canFallBack = part.security === 'wpa2Wpa3Mixed' && problem?.code === 'hotspot.serviceFailed';
      if (problem === null || !canFallBack || signal.aborted) return problem;
      // Some radios cannot be an access point with SAE. Better reachable by WPA2 than not at all.
      const second = await launch({ ...part, security: 'wpa2Psk' }, signal);
      if (second !== null) return problem;
      noted(withoutSae(part, problem));
      return null;
    },
    async change(from, to) {
      const actual = { ...to, security: standing?.security ?? to.security };
      if (from.channel !== to.channel) {
        const flags = to.channel <= 14 ? ' ht' : '';
        const problem = await moveTo(to, `chan_switch ${switchBeacons} ${frequencyOf(to.channel)}${flags}`);
        if (problem !== null) return problem;
        standing = actual;
      }
      const isSameKeys = from.key === to.key && from.previousKey === to.previousKey;
      return isSameKeys || to.security === 'open' ? null : changeKeys(from, actual);
    },
    async stop() {
      const running = service;
      service = null;
      await stopService(running);
      secrets.clear();
      stations.forget();
      standing = null;
      files.remove('hostapd.conf', 'hostapd.psk', 'hostapd');
      return null;
    },
  };
}

const failed = (message: string): Problem => ({ code: 'hotspot.serviceFailed', subject: 'hostapd', message });

const withoutSae = ({ interface: name }: AccessPointPart, { message }: Problem): Problem => ({
  code: 'hotspot.noAccessPointMode',
  subject: `WPA3 on ${name}`,
  message: `clients join by WPA2 only: with WPA3 it could not be started (${message})`,
  remedy: 'set security.mode = "wpa2Psk" if this radio cannot do better',
});
