import { expect, test } from 'vitest';
import { noCircumstances } from '../../../../src/effects/network/circumstances.ts';
import { planLinks } from '../../../../src/effects/network/link.plan.ts';
import type { Link } from '../../../../src/model/kernel.ts';
import type { LinkRecord } from '../../../../src/model/network.ts';

const link = (masterIndex: number | null): Link => ({
  index: 5,
  name: 'bnep0',
  kind: null,
  hardwareType: 1,
  isUp: true,
  hasCarrier: true,
  isLoopback: false,
  isPointToPoint: false,
  mtu: 1500,
  macAddress: null,
  lowerIndex: 5,
  masterIndex,
});

const raised: LinkRecord = { linkIndex: 5, interface: 'bnep0', wasRaised: true, mtu: null };

const planned = (masterIndex: number | null) =>
  planLinks(
    [],
    { links: new Map([[5, raised]]), addresses: new Map() },
    { links: new Map([[5, link(masterIndex)]]), addresses: new Map() },
    noCircumstances,
  ).restores.map(({ type }) => type);

test('a link that was set up is set down when it is needed no more, but not where it is a port of a bridge by now', () => {
  expect(planned(null)).toEqual(['link.restore']);
  expect(planned(9)).toEqual(['link.forget']);
});
