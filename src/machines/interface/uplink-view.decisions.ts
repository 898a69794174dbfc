/** What an interface's actor tells the others. Parts that did not change stay the same objects: they are compared by identity. */
import { families, perFamily, type Family } from '../../model/family.ts';
import { isBlocked, isThrottled } from './budget.decisions.ts';
import type { InterfaceContext, UplinkView, Ways } from './interface.context.ts';
import { biasOf, scoreOf } from './score.decisions.ts';
import type { Contender } from '../selection/selection-rules.decisions.ts';
import { withOneLossForgiven } from './statistics.decisions.ts';
import { unlessSame } from '../unless-same.ts';

/** What others are to know now; the same object when it is what they were told last. */
export function viewOf(context: InterfaceContext): UplinkView {
  const before = context.view;
  return unlessSame(before, {
    name: context.facts.name,
    type: context.classification.type,
    lifecycle: context.lifecycle,
    candidacy: context.candidacy,
    captive: unlessSame(
      before?.captive,
      perFamily((family) => context.health[family].isCaptive),
    ),
    ways: unlessSame(before?.ways, waysOf(context)),
    contenders: unlessSame(
      before?.contenders,
      perFamily((family) => unlessSame(before?.contenders[family], contenderOf(context, family))),
    ),
  });
}

function waysOf({ facts, classification, candidacy, budget, pathIds, generations, view }: InterfaceContext): Ways {
  const uplink = { index: facts.index, name: facts.name, paths: candidacy.paths };
  return {
    uplink: unlessSame(view?.ways.uplink, uplink),
    policy: classification.policy,
    ...(isThrottled(classification.policy, budget) ? { isThrottled: true } : {}),
    hasEverLed: families.some((family) => generations[family] > 0),
    pathIds,
  };
}

function contenderOf({ config, classification, facts, ...rest }: InterfaceContext, family: Family): Contender {
  const health = rest.health[family];
  const { isCandidate, because, paths } = rest.candidacy;
  const hasWay = paths[family] !== null;
  const isKeptBack = hasWay || isBlocked(classification.policy, rest.budget);
  return {
    index: facts.index,
    name: facts.name,
    isUsable: isCandidate && hasWay,
    ...(isKeptBack && because !== null ? { withheldBecause: because } : {}),
    // What an earlier run measured moves no traffic: the incumbent is not left, nor another taken, before it was probed.
    verdict: health.finishedRounds === 0 ? 'unknown' : health.verdict,
    isEmergencyOnly: classification.policy.kind === 'emergencyOnly',
    lifecycle: rest.lifecycle,
    isSuppressed: rest.isSuppressed,
    score: scoreOf(health.figures, classification.type, config.scoring).total,
    scoreLessOneLoss: scoreOf(withOneLossForgiven(health.figures), classification.type, config.scoring).total,
    bias: biasOf(classification.type, config.scoring),
    rounds: health.finishedRounds,
    lostSamples: health.lostSamples,
  };
}
