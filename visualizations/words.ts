/** What the pictures say beyond the names in the machines: durations, tones, and what is left out of them. */
import { holdAfter } from '../src/machines/selection/setback.decisions.ts';
import { defaultConfig, type Config } from '../src/model/config.ts';

export interface DelayWords {
  /** Beside the name of the delay: a duration, or words where it is computed. */
  readonly text: string;
  /** Key in the configuration; null where it cannot be set. */
  readonly setting: string | null;
  /** A sentence for the page. */
  readonly meaning: string;
}

/** As people write it: `10 s`, `250 ms`. */
export const durationText = (duration: number): string =>
  duration % 1000 === 0 ? `${duration / 1000} s` : `${duration} ms`;

/** By the name of the machine, then that of the delay. A machine's delay without an entry fails a test. */
export function delayWords({
  lifecycle,
  selection,
  failback,
  usbTether,
  hotspot,
}: Config = defaultConfig): Readonly<Record<string, Readonly<Record<string, DelayWords>>>> {
  const stay = durationText(lifecycle.minStateDuration);
  return {
    node: {
      restartBackOff: {
        text: '1 s, doubled up to 1 min',
        setting: null,
        meaning: 'How long an actor that ended with an error stays away: twice as long after each failure in a row.',
      },
    },
    interface: {
      upToDegraded: {
        text: durationText(lifecycle.upToDegraded),
        setting: 'lifecycle.upToDegraded',
        meaning: `How long an uplink that was up has to measure badly. Never less than what is left of the ${stay} each state lasts.`,
      },
      degradedToDown: {
        text: durationText(lifecycle.degradedToDown),
        setting: 'lifecycle.degradedToDown',
        meaning: 'How long a degraded uplink has to answer nothing at all.',
      },
      downToProbing: {
        text: durationText(lifecycle.downToProbing),
        setting: 'lifecycle.downToProbing',
        meaning: 'How long an uplink that was given up has to answer again before it gets another trial.',
      },
      probingToUp: {
        text: durationText(lifecycle.probingToUp),
        setting: 'lifecycle.probingToUp',
        meaning: 'How long an uplink on trial has to be healthy.',
      },
      minStateDuration: {
        text: `rest of ${stay}`,
        setting: 'lifecycle.minStateDuration',
        meaning: 'The shortest stay in a state, against flicker. Losing carrier or address does not wait for it.',
      },
      reuse: {
        text: `until the penalty is below ${selection.damping.reuseBelow}`,
        setting: 'selection.damping',
        meaning:
          `Each loss adds ${selection.damping.penalty} to a penalty that halves every ${durationText(selection.damping.halfLife)}; ` +
          `above ${selection.damping.suppressAbove} the uplink is held back, until the penalty has sunk below ${selection.damping.reuseBelow}.`,
      },
    },
    selection: {
      switchAfter: {
        text: `${durationText(selection.switchAfter)} of lead`,
        setting: 'selection.switchAfter',
        meaning:
          `How long another uplink has to lead by ${selection.switchMargin} points, counted from the beginning of its lead. ` +
          `One that was left twice because its score fell while it carried the traffic has to lead for ${durationText(holdAfter(2, selection))}, ` +
          `after the third time for ${durationText(holdAfter(3, selection))}; one time is forgotten each hour.`,
      },
    },
    lease: {
      requestTimeout: {
        text: 'dhcpTimeout, and 1 s',
        setting: 'usbTether.dhcpTimeout',
        meaning: `How long a server has to answer: ${durationText(usbTether.dhcpTimeout)}, unless a tether is given another time. Whoever asks tells of it first, and better.`,
      },
      retryBackOff: {
        text: '5 s, doubled up to 5 min',
        setting: null,
        meaning: 'How long it is until whoever asks is told to begin anew, twice as long after each failure in a row.',
      },
      expiry: {
        text: 'what is left of the lease',
        setting: null,
        meaning: 'The time that the server has granted. It ends the lease also when nobody is there to tell of it.',
      },
      takeOver: {
        text: '30 s',
        setting: null,
        meaning: 'How long another manager has to be gone. One that loses its own lease is back by then.',
      },
    },
    tether: {
      dhcpTimeout: {
        text: durationText(usbTether.dhcpTimeout),
        setting: 'usbTether.dhcpTimeout',
        meaning:
          'How long a tether has to get carrier, an address and a gateway; by Bluetooth, `bluetoothPan.dhcpTimeout`.',
      },
      validation: {
        text: '15 s',
        setting: null,
        meaning: 'How long something beyond the tether has to answer: a burst of probes, and two rounds more.',
      },
      retryBackOff: {
        text: '5 s, doubled up to 5 min',
        setting: null,
        meaning: 'How long a tether that failed rests, twice as long after each failure in a row.',
      },
    },
    hotspot: {
      startAfter: {
        text: durationText(hotspot.startAfter),
        setting: 'hotspot.startAfter',
        meaning: 'How long no uplink must have been reachable, counted from the moment the last one was lost.',
      },
      stopAfter: {
        text: durationText(hotspot.stopAfter),
        setting: 'hotspot.stopAfter',
        meaning: 'How long an uplink must have been reachable again.',
      },
      searchInterval: {
        text: durationText(hotspot.searchInterval),
        setting: 'hotspot.searchInterval',
        meaning: 'How long nobody may be connected before the radio looks for its own network.',
      },
      searchFor: {
        text: durationText(hotspot.searchFor),
        setting: 'hotspot.searchFor',
        meaning: 'How long it looks. No access point can be on air meanwhile.',
      },
      retryAfter: {
        text: '5 s, doubled up to 5 min',
        setting: null,
        meaning: 'How long after a failure it is tried again: twice as long after each one in a row.',
      },
      patience: {
        text: '30 s',
        setting: null,
        meaning: 'How long opening and closing may take; what has not answered by then has failed.',
      },
      rotationInterval: {
        text: durationText(hotspot.security.pskRotation.interval),
        setting: 'hotspot.security.pskRotation.interval',
        meaning: 'How long a key is given to clients, where pskRotation.enabled says that it is changed by itself.',
      },
      overlap: {
        text: durationText(hotspot.security.pskRotation.overlap),
        setting: 'hotspot.security.pskRotation.overlap',
        meaning: 'How long the old key still works beside the new one.',
      },
    },
    departure: {
      linger: {
        text: durationText(failback.linger),
        setting: 'failback.linger',
        meaning:
          'How long flows may still use an expensive uplink that was left for a better one, before they are ended.',
      },
    },
  };
}

export type Tone = 'good' | 'trial' | 'trouble' | 'lost' | 'plain';

const tones: Readonly<Record<string, Tone>> = {
  'node.observing': 'trial',
  'node.running': 'good',
  'interface.lifecycle.probing': 'trial',
  'interface.lifecycle.up': 'good',
  'interface.lifecycle.degraded': 'trouble',
  'interface.lifecycle.down': 'lost',
  'interface.damping.calm': 'good',
  'interface.damping.suppressed': 'trouble',
  'selection.waiting': 'lost',
  'selection.provisional': 'trial',
  'selection.settled': 'good',
  'selection.challenged': 'trouble',
  'hotspot.service.inactive': 'plain',
  'hotspot.service.inactive.waiting': 'trial',
  'hotspot.service.inactive.searching': 'trial',
  'hotspot.service.starting': 'trial',
  'hotspot.service.active': 'good',
  'hotspot.service.active.returning': 'trial',
  'hotspot.service.stopping': 'trouble',
  'hotspot.service.error': 'lost',
  'hotspot.key.steady': 'good',
  'hotspot.key.overlapping': 'trial',
  'departure.finishing': 'good',
  'departure.lingering': 'trial',
  'departure.trapped': 'trouble',
  'departure.ended': 'lost',
  'lease.idle': 'plain',
  'lease.requesting': 'trial',
  'lease.requesting.failing': 'lost',
  'lease.held': 'good',
  'lease.held.suspect': 'trouble',
  'lease.held.paused': 'plain',
  'lease.yielded': 'plain',
  'tether.detected': 'trial',
  'tether.initializing': 'trial',
  'tether.validating': 'trouble',
  'tether.ready': 'good',
  'tether.failed': 'lost',
  'tether.released': 'plain',
};

/** The colour of a state's title: its own, or that of the nearest state around it. */
export function toneOf(id: string): Tone {
  for (let at = id; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const tone = tones[at];
    if (tone !== undefined) return tone;
  }
  return 'plain';
}

/** Actions that keep the books and say nothing that the picture does not: they are named in its tool tips only. */
export const bookkeeping: ReadonlySet<string> = new Set([
  'noteTime',
  'reachDeadline',
  'reachRestart',
  'enter',
  'await',
  'abandon',
  'outdateView',
  'armRotation',
  'reachRotation',
  'consider',
  'awaitExpiry',
  'countFailure',
  'forgetTrouble',
]);
