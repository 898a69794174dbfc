/**
 * The hotspot: an access point that opens when there is no way out, and always lets go again (AP-1).
 *
 * - `service`: whether it is on air. `inactive` until no uplink has been reachable for a while, or an operator says so;
 *   `starting` and `stopping` while others make and remove it; `active` until one has been reachable again for a while;
 *   `error` where it cannot be made, or was tried in vain.
 * - `key`: the number of the key that clients are given, and whether the one before it still works.
 *
 * A radio that has a network of its own is taken from it only when nothing is reachable. While nobody is connected it
 * looks for that network from time to time: no access point can be on air meanwhile.
 *
 * Facts are taken in at the root, which raises what they mean (`need.reviewed`, `point.opened` …); the regions know those
 * words only. The parent is told whenever something is different.
 */
import { initialContext } from './hotspot.decisions.ts';
import { hotspotSetup } from './hotspot.setup.ts';

export const hotspotMachine = hotspotSetup.createMachine({
  id: 'hotspot',
  context: ({ input }) => initialContext(input),
  type: 'parallel',
  entry: 'findPoint',
  on: {
    'surroundings.changed': { actions: ['takeIn', 'review'] },
    'radio.changed': { actions: ['takeIn', 'review'] },
    'hotspot.clients': { guard: 'isCurrent', actions: ['takeIn', 'review'] },
    'hotspot.opened': { guard: 'isCurrent', actions: ['takeIn', 'announce'] },
    'hotspot.failed': { guard: 'isCurrent', actions: ['takeIn', 'announce'] },
    'hotspot.closed': { guard: 'isCurrent', actions: ['takeIn', 'announce', 'outdateView'] },
    'hotspot.remembered': { actions: ['takeIn', 'knowKey'] },
    'command.hotspot': { actions: ['takeIn', 'obey', 'review'] },
    'node.resumed': { actions: ['takeIn', 'loseTime'] },
    'view.outdated': { actions: 'publish' },
  },
  states: {
    service: {
      initial: 'inactive',
      states: {
        inactive: {
          initial: 'idle',
          states: {
            idle: {
              entry: [{ type: 'enter', params: { phase: 'idle' } }, 'review'],
              on: {
                'point.found': '#hotspot.service.active',
                'need.reviewed': [
                  { guard: 'isUnfit', target: '#hotspot.service.error.unfit' },
                  { guard: 'isDemanded', target: '#hotspot.service.starting' },
                  { guard: 'isNeeded', target: 'waiting' },
                ],
              },
            },
            waiting: {
              entry: [{ type: 'enter', params: { phase: 'waiting' } }, 'outdateView'],
              on: {
                'need.reviewed': [
                  { guard: 'isUnfit', target: '#hotspot.service.error.unfit' },
                  { guard: 'isNeeded' },
                  { target: 'idle' },
                ],
                // What was measured before is old.
                'time.lost': { target: 'waiting', reenter: true },
              },
              after: { startAfter: { target: '#hotspot.service.starting', actions: 'reachDeadline' } },
            },
            searching: {
              entry: [{ type: 'enter', params: { phase: 'searching' } }, 'outdateView'],
              on: {
                'mode.commanded': 'idle',
                'need.reviewed': [
                  { guard: 'isUnfit', target: '#hotspot.service.error.unfit' },
                  { guard: 'isSearching' },
                  { target: 'idle' },
                ],
                'time.lost': { target: 'searching', reenter: true },
              },
              after: { searchFor: { target: '#hotspot.service.starting', actions: 'reachDeadline' } },
            },
          },
        },
        starting: {
          entry: ['open', { type: 'enter', params: { phase: 'starting' } }, 'outdateView'],
          on: {
            'point.opened': { target: 'active', actions: 'noteOpened' },
            'point.failed': { target: 'error.failed', actions: 'noteFailure' },
            'need.reviewed': [
              { guard: 'isUnfit', target: 'error.unfit' },
              { guard: 'isWanted' },
              { target: 'stopping', actions: { type: 'close', params: { isSearch: false } } },
            ],
          },
          after: { patience: { target: 'error.failed', actions: ['reachDeadline', 'noteFailure'] } },
        },
        active: {
          initial: 'serving',
          on: {
            'point.opened': { actions: ['noteOpened', 'outdateView'] },
            'point.failed': { target: 'error.failed', actions: 'noteFailure' },
            'need.reviewed': [
              { guard: 'isUnfit', target: 'error.unfit' },
              { guard: 'isOff', target: 'stopping', actions: { type: 'close', params: { isSearch: false } } },
            ],
          },
          states: {
            serving: {
              entry: [{ type: 'enter', params: { phase: 'serving' } }, 'review'],
              on: {
                'need.reviewed': [
                  { guard: 'isReturning', target: 'returning' },
                  { guard: 'isYielding', target: 'yielding' },
                ],
              },
            },
            yielding: {
              entry: [{ type: 'enter', params: { phase: 'yielding' } }, 'outdateView'],
              on: {
                'need.reviewed': [{ guard: 'isYielding' }, { target: 'serving' }],
                'time.lost': { target: 'yielding', reenter: true },
              },
              after: {
                searchInterval: {
                  target: '#hotspot.service.stopping',
                  actions: ['reachDeadline', { type: 'close', params: { isSearch: true } }],
                },
              },
            },
            returning: {
              entry: [{ type: 'enter', params: { phase: 'returning' } }, 'outdateView'],
              on: {
                'need.reviewed': [{ guard: 'isReturning' }, { target: 'serving' }],
                'time.lost': { target: 'returning', reenter: true },
              },
              after: {
                stopAfter: {
                  target: '#hotspot.service.stopping',
                  actions: ['reachDeadline', { type: 'close', params: { isSearch: false } }],
                },
              },
            },
          },
        },
        stopping: {
          entry: [{ type: 'enter', params: { phase: 'stopping' } }, 'outdateView'],
          on: {
            'mode.commanded': { actions: 'forgetSearch' },
            'point.closed': [{ guard: 'isSearchDue', target: 'inactive.searching' }, { target: 'inactive' }],
          },
          after: { patience: { target: 'error.failed', actions: ['reachDeadline', 'noteFailure'] } },
        },
        error: {
          initial: 'unfit',
          states: {
            unfit: {
              entry: ['withdraw', { type: 'enter', params: { phase: 'unfit' } }, 'outdateView'],
              on: {
                'need.reviewed': [
                  { guard: 'isUnfit', target: 'unfit', reenter: true },
                  { target: '#hotspot.service.inactive' },
                ],
              },
            },
            failed: {
              entry: ['withdraw', { type: 'enter', params: { phase: 'failed' } }, 'outdateView'],
              on: {
                'mode.commanded': '#hotspot.service.inactive',
                'need.reviewed': [
                  { guard: 'isUnfit', target: 'unfit' },
                  { guard: 'isWanted' },
                  { target: '#hotspot.service.inactive' },
                ],
              },
              after: {
                retryAfter: [
                  { guard: 'isWanted', target: '#hotspot.service.starting', actions: 'reachDeadline' },
                  { target: '#hotspot.service.inactive', actions: 'reachDeadline' },
                ],
              },
            },
          },
        },
      },
    },
    key: {
      initial: 'steady',
      states: {
        steady: {
          entry: ['armRotation', 'outdateView'],
          on: {
            'command.rotateKey': { target: 'overlapping', actions: ['takeIn', 'rotate'] },
            'key.known': [
              { guard: 'hasPreviousKey', target: 'overlapping' },
              { target: 'steady', reenter: true },
            ],
            'time.lost': { target: 'steady', reenter: true },
          },
          after: {
            rotationInterval: [
              { guard: 'isRotationDue', target: 'overlapping', actions: ['reachRotation', 'rotate'] },
              { target: 'steady', reenter: true, actions: 'reachRotation' },
            ],
          },
        },
        overlapping: {
          entry: ['armRotation', 'outdateView'],
          on: {
            'command.rotateKey': { target: 'overlapping', reenter: true, actions: ['takeIn', 'rotate'] },
            'key.known': [{ guard: 'hasPreviousKey', target: 'overlapping', reenter: true }, { target: 'steady' }],
            'time.lost': { target: 'overlapping', reenter: true },
          },
          after: {
            overlap: { target: 'steady', actions: 'retire' },
            rotationInterval: {
              guard: 'isRotationDue',
              target: 'overlapping',
              reenter: true,
              actions: ['reachRotation', 'rotate'],
            },
          },
        },
      },
    },
  },
});
