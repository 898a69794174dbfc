/** What is wrong with the node, as far as the machines can tell. */
import type { Problem } from '../../model/errors.ts';
import { families } from '../../model/family.ts';
import type { UplinkView } from '../interface/interface.context.ts';
import type { BlamedTarget, Failure, NodeContext } from './node.context.ts';
import { leaseConflicts, tetherProblems } from './tether-standing.decisions.ts';

/** Everything that is wrong now. */
export const problemsOf = (context: NodeContext): readonly Problem[] => [
  ...[...context.ignored.values()].flatMap(({ problem }) => (problem === null ? [] : [problem])),
  ...[...context.views.values()].flatMap(({ candidacy }) => candidacy.problems),
  ...[...context.views.values()].flatMap(portalProblems),
  ...tetherProblems(context),
  ...leaseConflicts(context),
  ...pinProblem(context),
  ...hotspotProblem(context),
  ...context.blamed.map((blamed) => blameProblem(blamed, context)),
  ...context.failedOperations.values(),
  ...[...context.failures].flatMap(([id, failure]) => (context.actors.has(id) ? [] : [actorProblem(id, failure)])),
];

const portalProblems = ({ name, captive }: UplinkView): readonly Problem[] =>
  families
    .filter((family) => captive[family])
    .map((family) => ({
      code: 'uplink.captivePortal',
      message: `a captive portal answers in place of the internet behind ${name} (${family})`,
      remedy: 'sign in to that network; the uplink counts as degraded until then',
      subject: name,
    }));

/** The pinned uplink is passed over in a family that it leads in, or leads in none. An unknown verdict is no failure yet. */
function pinProblem({ pinned, views }: NodeContext): readonly Problem[] {
  if (pinned === null) return [];
  const view = [...views.values()].find(({ name }) => name === pinned);
  const because = view === undefined ? 'there is no such uplink' : whyPassedOver(view);
  if (because === null) return [];
  return [
    {
      code: 'uplink.pinUnreachable',
      message: `${pinned} is pinned, but ${because}`,
      remedy: 'another uplink is used until it is reachable; `backhauld pin auto` ends the pinning',
      subject: pinned,
    },
  ];
}

function whyPassedOver({ candidacy, contenders }: UplinkView): string | null {
  const usable = families.filter((family) => contenders[family].isUsable);
  if (usable.length === 0) return candidacy.because ?? 'it has no gateway';
  const failed = usable.filter((family) => contenders[family].verdict === 'failed');
  return failed.length === 0 ? null : `its probes fail (${failed.join(', ')})`;
}

function hotspotProblem({ hotspot }: NodeContext): readonly Problem[] {
  const problem = hotspot?.view?.problem ?? null;
  return problem === null ? [] : [problem];
}

const blameProblem = ({ family, target, index }: BlamedTarget, { uplinks }: NodeContext): Problem => {
  const through = index === null ? 'any uplink' : (uplinks.get(index)?.facts.name ?? `interface ${index}`);
  return {
    code: 'probe.targetBlamed',
    message: `${target} does not answer through ${through} while others do (${family}); it is not counted`,
    remedy: 'configure another target if this lasts',
    subject: target,
  };
};

const actorProblem = (id: string, { message, count }: Failure): Problem => ({
  code: 'actor.failed',
  message: `the actor of ${id} failed${count === 1 ? '' : ` ${count} times running`}: ${message}`,
  remedy: 'it is started again with the facts it had; please report this',
  subject: id,
});

/** The problems of `now` that are not in `before`. */
export const newProblems = (before: readonly Problem[], now: readonly Problem[]): readonly Problem[] => {
  const known = new Set(before.map(keyOf));
  return now.filter((problem) => !known.has(keyOf(problem)));
};

const keyOf = ({ code, subject, message }: Problem): string => `${code} ${subject ?? ''} ${message}`;
