import { expect, test } from 'vitest';

import type { ActorView, Step } from '../../../src/model/trace.ts';
import { viewerOf, type Viewer } from '../../unit/adapters/control/control-viewer.ts';
import { Site } from './site.ts';

const stepsOf = ({ sent }: Viewer): readonly Step[] =>
  sent.flatMap(({ item }) => (item.type === 'step' ? [item.step] : []));

/** How the actors stand, by what a person calls them. */
function actorsOf({ sent }: Viewer): ReadonlyMap<string, ActorView> {
  const views = sent.flatMap(({ item }) =>
    item.type === 'actors' ? item.actors : item.type === 'step' || item.type === 'actor.started' ? [item.actor] : [],
  );
  return new Map(views.map((view) => [view.label, view]));
}

test('a pulled cable is seen live: what happens to the interface, and the switch that comes of it', async () => {
  await using site = await Site.create();
  await site.start();
  const viewer = await viewerOf(site.daemon.socket);
  expect([...actorsOf(viewer).keys()].toSorted()).toEqual(['IPv4', 'IPv6', 'eth0', 'node', 'wlan0', 'wwan0']);
  await site.lab.uplink('eth0').pull();
  await viewer.until(() => viewer.sent.some(({ item }) => item.type === 'told' && item.emission.type === 'switch'));
  expect(actorsOf(viewer).get('eth0')?.states).toContain('interface.lifecycle.down.steady');
  const lost = stepsOf(viewer).find(({ transitions }) => transitions.includes('interface.lifecycle|presence.lost|0'));
  expect(lost).toMatchObject({
    event: 'interface.changed',
    from: 'node',
    detail: expect.stringContaining('no carrier') as unknown,
  });
  const chosen = stepsOf(viewer).find(
    ({ event, number }) => event === 'selection.changed' && number > (lost?.number ?? 0),
  );
  expect(chosen).toMatchObject({
    actor: 'node',
    detail: expect.stringMatching(/by wlan0, by the rule "usable"$/u) as unknown,
  });
});
