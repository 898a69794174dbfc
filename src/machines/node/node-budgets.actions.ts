/** What the root does with budgets, and with what the machine is powered by. */
import { withEntry, withoutEntry } from '../map-entries.ts';
import { indexOf } from './node.decisions.ts';
import { nodeSetup } from './node.setup.ts';

export const budgetActions = {
  /** A level that was told of in this period already is known, and not news. */
  noteBudget: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    if (event.type !== 'budget.changed') return;
    const { index, level, isKnown = false, at } = event;
    enqueue.assign({ budgets: withEntry(context.budgets, index, level) });
    const name = context.uplinks.get(index)?.facts.name;
    if (!isKnown && name !== undefined) enqueue.emit({ type: 'budget', index, name, level, at });
  }),
  /** Of an interface that is gone, or new: what is known of one that is renamed holds on. */
  forgetBudget: nodeSetup.assign(({ context, event }) => {
    const index = indexOf(event);
    return index === null ? {} : { budgets: withoutEntry(context.budgets, index) };
  }),
  notePower: nodeSetup.assign(({ event }) => (event.type === 'power.changed' ? { onBattery: event.onBattery } : {})),
};
