import { describe, expect, test } from 'vitest';
import { desiredEndpoints, followUplinks } from '../../../../src/effects/flows/mptcp-endpoints.ts';
import type { MptcpTarget } from '../../../../src/effects/ports.ts';
import type { Problem } from '../../../../src/model/errors.ts';
import type { NetworkIntent, UplinkIntent } from '../../../../src/model/network.ts';

const uplink = (index: number, address: string): UplinkIntent => ({
  index,
  name: `eth${index}`,
  paths: {
    ipv4: {
      addresses: [
        { address, prefixLength: 24, peer: null },
        { address: '192.0.2.99', prefixLength: 24, peer: null },
      ],
      gateway: '192.0.2.1',
    },
    ipv6: null,
  },
});

const network = (...ranking: readonly (readonly [index: number, isReachable: boolean])[]): NetworkIntent => ({
  uplinks: [uplink(2, '10.0.2.2'), uplink(3, '10.0.3.2'), uplink(4, '10.0.4.2')],
  ranking: { ipv4: ranking.map(([index, isReachable]) => ({ index, isReachable })), ipv6: [] },
});

class Target implements MptcpTarget {
  readonly announced: string[];
  readonly done: string[] = [];
  refuses: string | null = null;

  constructor(...announced: string[]) {
    this.announced = announced;
  }
  announce(address: string, linkIndex: number): Problem | null {
    this.done.push(`+ ${address} ${linkIndex}`);
    return this.refuses === address ? { code: 'kernel.refused', message: address } : null;
  }
  withdraw(address: string): Problem | null {
    this.done.push(`- ${address}`);
    return null;
  }
}

describe('MPTCP', () => {
  test('may use the first address of each reachable uplink', () => {
    expect([...desiredEndpoints(network([3, true], [2, true], [4, false]))]).toEqual([
      ['10.0.3.2', 3],
      ['10.0.2.2', 2],
    ]);
  });

  test('is told what is new, after what is no more', () => {
    const target = new Target('10.0.2.2', '10.0.9.9');
    expect(followUplinks(target, network([2, true], [3, true]))).toEqual([]);
    expect(target.done).toEqual(['- 10.0.9.9', '+ 10.0.3.2 3']);
  });

  test('keeps all while no uplink is reachable', () => {
    const target = new Target('10.0.2.2');
    expect(followUplinks(target, network([2, false], [3, false]))).toEqual([]);
    expect(target.done).toEqual([]);
  });

  test('says what could not be announced, and goes on', () => {
    const target = new Target();
    target.refuses = '10.0.2.2';
    expect(followUplinks(target, network([2, true], [3, true])).map(({ message }) => message)).toEqual(['10.0.2.2']);
    expect(target.done).toEqual(['+ 10.0.2.2 2', '+ 10.0.3.2 3']);
  });
});
