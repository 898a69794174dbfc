/**
 * The root: everything that enters the machines enters here.
 *
 * - `observing`: interfaces are found, and measured already, but nothing is chosen: the kernel may hold a choice.
 * - `running`: that is known, and one selection per family goes on from it.
 *
 * Each interface that is looked at has an actor of its own, born and ended with it. This one hands facts down, keeps what
 * the children say, and makes the intent of it. A child that fails is started again with the facts it had.
 */
import { budgetActions } from './node-budgets.actions.ts';
import { hotspotActions } from './node-hotspot.actions.ts';
import { interfaceActions } from './node-interfaces.actions.ts';
import { selectionActions } from './node-selections.actions.ts';
import { tetherActions } from './node-tethers.actions.ts';
import { upkeepActions } from './node-upkeep.actions.ts';
import { initialContext } from './node.decisions.ts';
import { nodeSetup } from './node.setup.ts';

const actions = {
  ...budgetActions,
  ...hotspotActions,
  ...interfaceActions,
  ...selectionActions,
  ...tetherActions,
  ...upkeepActions,
};

/** All there is of one interface. */
const start = ['startTether', 'startInterface'] as const;
const forget = ['forgetTether', 'forgetInterface'] as const;

export const nodeMachine = nodeSetup.extend({ actions }).createMachine({
  id: 'node',
  context: ({ input }) => initialContext(input),
  initial: 'observing',
  states: {
    observing: {
      on: { 'network.observed': { target: 'running', actions: ['noteTime', 'startSelections', 'startHotspot'] } },
    },
    running: {},
  },
  on: {
    'interface.found': [
      {
        guard: 'isIgnored',
        actions: [
          'noteTime',
          ...forget,
          'forgetBudget',
          'noteFacts',
          'settleClaims',
          'tellHotspot',
          'reviewProblems',
          'refreshIntent',
        ],
      },
      // Also one that was there already: it has been created anew, and nothing of the old one holds.
      {
        actions: [
          'noteTime',
          ...forget,
          'forgetBudget',
          'noteFacts',
          ...start,
          'settleClaims',
          'tellHotspot',
          'reviewProblems',
          'refreshIntent',
        ],
      },
    ],
    'interface.changed': [
      { guard: 'isIgnoredAlready', actions: 'noteTime' },
      {
        guard: 'isSameUplink',
        actions: ['noteTime', 'noteFacts', 'forwardToLease', 'forwardToTether', 'forwardToInterface', 'settleClaims'],
      },
      {
        guard: 'isIgnored',
        actions: ['noteTime', ...forget, 'noteFacts', 'settleClaims', 'tellHotspot', 'reviewProblems', 'refreshIntent'],
      },
      // Renamed, or something else than it seemed: a new one.
      {
        actions: [
          'noteTime',
          ...forget,
          'noteFacts',
          ...start,
          'settleClaims',
          'tellHotspot',
          'reviewProblems',
          'refreshIntent',
        ],
      },
    ],
    'interface.lost': {
      actions: [
        'noteTime',
        ...forget,
        'forgetBudget',
        'settleClaims',
        'tellHotspot',
        'reviewProblems',
        'refreshIntent',
      ],
    },
    'probe.finished': { actions: ['noteTime', 'forwardToTether', 'forwardToInterface'] },
    'probe.answeredLate': { actions: ['noteTime', 'forwardToTether', 'forwardToInterface'] },
    'target.blamed': { actions: ['noteTime', 'noteBlame', 'tellBlame', 'reviewProblems'] },
    'target.cleared': { actions: ['noteTime', 'noteBlame', 'tellBlame', 'reviewProblems'] },
    'uplink.remembered': { actions: ['noteTime', 'forwardToInterface'] },
    'node.resumed': { actions: ['noteTime', 'tellInterfaces', 'tellLeases', 'forwardToHotspot'] },
    // A suspicion starts a burst of probes, which is not done here; it is never a verdict by itself.
    'uplink.suspected': { actions: ['noteTime', 'forwardToLease'] },
    'lease.remembered': { actions: ['noteTime', 'forwardToLease'] },
    'lease.bound': { actions: ['noteTime', 'forwardToLease'] },
    'lease.lost': { actions: ['noteTime', 'forwardToLease'] },
    'lease.failed': { actions: ['noteTime', 'forwardToLease'] },
    'budget.changed': { actions: ['noteTime', 'noteBudget', 'forwardToInterface'] },
    'power.changed': { actions: ['noteTime', 'notePower', 'refreshIntent'] },
    'operation.failed': { actions: ['noteTime', 'noteOperation', 'reviewProblems'] },
    'operation.recovered': { actions: ['noteTime', 'noteOperation', 'reviewProblems'] },
    'command.pin': { actions: ['noteTime', 'notePin', 'tellPin', 'reviewProblems'] },
    'command.unpin': { actions: ['noteTime', 'notePin', 'tellPin', 'reviewProblems'] },
    'radio.changed': { actions: ['noteTime', 'noteHotspotFact', 'forwardToHotspot'] },
    'hotspot.remembered': { actions: ['noteTime', 'noteHotspotFact', 'forwardToHotspot'] },
    'command.hotspot': { actions: ['noteTime', 'noteHotspotFact', 'forwardToHotspot'] },
    'command.rotateKey': { actions: ['noteTime', 'forwardToHotspot'] },
    'hotspot.opened': { actions: ['noteTime', 'forwardToHotspot'] },
    'hotspot.failed': { actions: ['noteTime', 'forwardToHotspot'] },
    'hotspot.closed': { actions: ['noteTime', 'forwardToHotspot'] },
    'hotspot.clients': { actions: ['noteTime', 'forwardToHotspot'] },
    'interface.updated': [
      {
        guard: 'changesStanding',
        actions: [
          'noteTime',
          'noteView',
          'noteCarrying',
          'tellEachOther',
          'tellStandings',
          'reviewProblems',
          'refreshIntent',
        ],
      },
      { actions: ['noteTime', 'noteView', 'tellEachOther', 'tellStandings'] },
    ],
    'selection.changed': {
      actions: [
        'noteTime',
        'noteSelection',
        'noteDepartures',
        'noteCarrying',
        'tellStandings',
        'tellHotspot',
        'refreshIntent',
      ],
    },
    'lease.updated': { actions: ['noteTime', 'noteLease', 'tellEachOther', 'reviewProblems', 'refreshIntent'] },
    'tether.updated': { actions: ['noteTime', 'noteTether', 'tellEachOther', 'reviewProblems', 'refreshIntent'] },
    'departure.decided': { actions: ['noteTime', 'noteDeparture', 'refreshIntent'] },
    'hotspot.updated': { actions: ['noteTime', 'noteHotspot', 'reviewProblems', 'refreshIntent'] },
    'xstate.error.actor.*': { actions: ['setFailedAside', 'reviewProblems'] },
    'actor.restartDue': {
      actions: [
        'reachRestart',
        'restartFailed',
        'restartTether',
        'startHotspot',
        'tellStandings',
        'reviewProblems',
        'refreshIntent',
      ],
    },
  },
});
