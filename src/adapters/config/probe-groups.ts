import * as v from 'valibot';

import { defaultConfig, type ProbeConfig } from '../../model/config.ts';
import { families, perFamily } from '../../model/family.ts';
import type { Target } from '../../model/probe.ts';
import { parseTargets } from '../../model/target.ts';
import { hours, milliseconds, minutes, seconds } from '../../model/units.ts';
import { durationSetting, setting } from './setting.ts';
import { flag, group, integer, number, share } from './values.ts';

const { probe, stall, keepalive, scoring } = defaultConfig;

const target = v.pipe(
  v.string('a target such as "tcp://1.1.1.1:53", "icmp://8.8.8.8" or "http://example.com/generate_204"'),
  v.rawTransform<string, readonly Target[]>(({ dataset, addIssue, NEVER }) => {
    const parsed = parseTargets(dataset.value);
    if (!('problem' in parsed)) return parsed;
    addIssue({ message: `a target: ${parsed.problem}` });
    return NEVER;
  }),
);

/** Targets of one family stand for that family alone: who names only IPv4 ones keeps the defaults of IPv6. */
const byFamily = (targets: readonly (readonly Target[])[]): ProbeConfig['targets'] =>
  perFamily((family) => {
    const own = targets.flat().filter((each) => each.family === family);
    return own.length > 0 ? own : probe.targets[family];
  });

export const probeGroup = v.pipe(
  group({
    interval: durationSetting(
      milliseconds(100),
      hours(1),
      probe.interval,
      'Time from one round of probes to the next.',
    ),
    timeout: durationSetting(milliseconds(100), minutes(1), probe.timeout, 'How long an answer is waited for at most.'),
    targets: v.optional(
      v.pipe(
        v.array(target, 'a list of targets'),
        v.minLength(1, 'at least one target'),
        v.maxLength(16, 'at most 16 targets'),
        v.check(
          (all) => new Set(all.map(([each]) => each?.text)).size === all.length,
          'targets that differ from each other',
        ),
        v.description(
          'What is probed; those of IPv4 and of IPv6 are used each for their own family, a name in both: it is resolved through each uplink by its own name servers.',
        ),
      ),
      () => families.flatMap((family) => probe.targets[family].map((each) => each.text)),
    ),
    quorum: setting(integer(1, 16), probe.quorum, 'A round fails when fewer targets than this answer.'),
    degradedThreshold: setting(
      integer(1, 100),
      probe.degradedThreshold,
      'Failed rounds in a row that make an uplink degraded.',
    ),
    downThreshold: setting(integer(1, 100), probe.downThreshold, 'Failed rounds in a row that make an uplink failed.'),
    degradedLoss: setting(share(0.1, 100), probe.degradedLoss, 'Loss within the window that makes an uplink degraded.'),
    window: setting(integer(2, 1000), probe.window, 'Samples in the sliding window of the statistics.'),
    burstRounds: setting(integer(0, 100), probe.burstRounds, 'Rounds in a burst, which the first lost sample starts.'),
    burstInterval: durationSetting(
      milliseconds(50),
      minutes(1),
      probe.burstInterval,
      'Time between the rounds of a burst.',
    ),
    standbyBurstInterval: durationSetting(
      seconds(1),
      hours(1),
      probe.standbyBurstInterval,
      'On an uplink in standby at most one burst starts in this time.',
    ),
    meteredInterval: durationSetting(
      seconds(1),
      hours(24),
      probe.meteredInterval,
      'Interval on metered uplinks in standby.',
    ),
    meteredActiveInterval: durationSetting(
      seconds(1),
      hours(1),
      probe.meteredActiveInterval,
      'Interval on a metered uplink that is active.',
    ),
    jitter: setting(
      share(0, 50),
      probe.jitter,
      'Share by which each interval varies, so that a fleet never probes in step.',
    ),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { targets, quorum } = dataset.value;
    const fewest = Math.min(...families.map((family) => byFamily(targets)[family].length));
    if (quorum <= fewest) return;
    addIssue({
      input: quorum,
      message: `at most ${fewest}: a family with fewer targets than its quorum would fail for ever`,
      path: [{ type: 'object', origin: 'value', input: dataset.value, key: 'quorum', value: quorum }],
    });
  }),
  v.transform((read): ProbeConfig => ({ ...read, targets: byFamily(read.targets) })),
);

export const stallGroup = group({
  window: durationSetting(
    milliseconds(100),
    minutes(1),
    stall.window,
    'Time without an answer that makes traffic suspicious.',
  ),
  minSent: setting(integer(1, 1000), stall.minSent, 'Packets that must have left within it.'),
  sample: durationSetting(
    milliseconds(50),
    seconds(10),
    stall.sample,
    'How often the counters are read while traffic flows.',
  ),
});

export const keepaliveGroup = group({
  interval: durationSetting(seconds(1), hours(1), keepalive.interval, 'The active uplink is used at least this often.'),
  onMetered: setting(flag(), keepalive.onMetered, 'Also on metered uplinks.'),
});

const weight = (fallback: number, description: string) => setting(number(0, 100_000), fallback, description);

export const scoringGroup = group({
  weightLatency: weight(scoring.weightLatency, 'Points of an uplink without delay.'),
  weightLoss: weight(scoring.weightLoss, 'Points of an uplink without loss.'),
  weightSuccess: weight(scoring.weightSuccess, 'Points of an uplink that answers every probe.'),
  enablePolicyBias: setting(flag(), scoring.enablePolicyBias, 'Whether the type of an uplink counts.'),
  policyBiasMultiplier: setting(number(0, 100), scoring.policyBiasMultiplier, 'By how much the bias is multiplied.'),
  maxRtt: durationSetting(
    milliseconds(1),
    minutes(1),
    scoring.maxRtt,
    'Round-trip time from which latency brings no points.',
  ),
  maxLossPercent: setting(share(0.1, 100), scoring.maxLossPercent, 'Loss from which loss brings no points.'),
  bias: v.optional(
    group({
      ethernet: weight(scoring.bias.ethernet, 'Points of a cable.'),
      wifi: weight(scoring.bias.wifi, 'Points of Wi-Fi.'),
      lteModem: weight(scoring.bias.lteModem, 'Points of an LTE modem.'),
      usbTether: weight(scoring.bias.usbTether, 'Points of a phone on USB.'),
      bluetoothPan: weight(scoring.bias.bluetoothPan, 'Points of a phone over Bluetooth.'),
      unknown: weight(scoring.bias.unknown, 'Points of anything else.'),
    }),
    {},
  ),
});
