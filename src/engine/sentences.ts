/** What is told, as one sentence of the log. */
import { describe } from '../model/errors.ts';
import type { NodeEmission } from '../model/events.ts';

const sentences: {
  readonly [Type in NodeEmission['type']]: (emission: NodeEmission & { readonly type: Type }) => string;
} = {
  switch: ({ switch: { family, from, to, rule, because } }) =>
    `${family}: ${from ?? 'nothing'} → ${to ?? 'nothing'} by the rule "${rule}": ${because}`,
  state: ({ name, from, to }) => `${name}: ${from ?? 'new'} → ${to ?? 'gone'}`,
  hotspot: ({ from, to, because }) => `hotspot: ${from} → ${to}: ${because}`,
  tether: ({ name, from, to, because }) => `tether ${name}: ${from ?? 'new'} → ${to}: ${because}`,
  budget: ({ name, level }) => `budget of ${name}: ${level}`,
  problem: ({ problem }) => describe(problem),
  'problem.solved': ({ problem }) => `solved: ${describe(problem)}`,
};

export const sentenceOf = <Type extends NodeEmission['type']>(
  emission: NodeEmission & { readonly type: Type },
): string => sentences[emission.type](emission);
