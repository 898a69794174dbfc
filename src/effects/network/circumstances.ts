import { perFamily, type PerFamily } from '../../model/family.ts';
import { nothingAdopted, type Adopted } from './adopted-holdings.ts';

/** What a plan must take into account besides what is wanted and what is there. Plain data, so that plans stay pure. */
export interface Circumstances {
  /** Operations that are not to be tried at the moment, by `operationKey`: they failed, and their time has not come. */
  readonly blocked: ReadonlySet<string>;
  /** Neighbours that were asked for, by `neighbourKey`; `lately`: so recently that asking again is of no use. */
  readonly asked: ReadonlyMap<string, 'lately' | 'before'>;
  /** Neighbours that were waited for long enough, by `neighbourKey`: traffic is moved to them without an answer. */
  readonly waitedFor: ReadonlySet<string>;
  /** Families of which nothing is taken away yet: a former run left it, and this one does not know its uplinks so far. */
  readonly keep: PerFamily<boolean>;
  /** What a former run has put on links, and is not taken away yet. */
  readonly adopted: Adopted;
  /** Settings that this run has written, by `settingKey`: another value than that is someone else's. */
  readonly written: ReadonlySet<string>;
}

/** Nothing special. */
export const noCircumstances: Circumstances = {
  blocked: new Set(),
  asked: new Map(),
  waitedFor: new Set(),
  keep: perFamily(() => false),
  adopted: nothingAdopted,
  written: new Set(),
};
