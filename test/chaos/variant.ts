/** What a round is played with: the configuration, the kind of links, what the machine has. Drawn from the seed. */
import type { Dice } from './faults.ts';

export interface Variant {
  readonly config: 'defaults' | 'quick' | 'fast';
  readonly driver: 'auto' | 'command';
  /** Links that report late, as real NICs do. */
  readonly isNicLike: boolean;
  readonly hasNft: boolean;
}

const settings: Readonly<Record<Variant['config'], string>> = {
  defaults: '',
  fast: 'profile = "fast"\n',
  quick: `
[probe]
interval = "500ms"
timeout = "1s"
[selection]
switchAfter = "0s"
damping = { halfLife = "1s" }
[lifecycle]
upToDegraded = "500ms"
degradedToDown = "500ms"
downToProbing = "500ms"
probingToUp = "200ms"
minStateDuration = "0s"
`,
};

export function drawVariant(dice: Dice): Variant {
  const roll = dice();
  return {
    config: roll < 0.5 ? 'defaults' : roll < 0.85 ? 'quick' : 'fast',
    driver: dice() < 0.8 ? 'auto' : 'command',
    isNicLike: dice() < 0.4,
    hasNft: dice() < 0.85,
  };
}

/** The daemon's configuration file. */
export const configOf = ({ config, driver }: Variant): string =>
  `${settings[config]}
[discovery]
driver = "${driver}"
[interfaces]
include = ["eth*", "wlan*", "wwan*"]
[dns]
mode = "none"
[recorder]
maxAge = "2m"
`;

/** How soon the daemon finds out that an uplink leads nowhere any more, or leads somewhere again, in milliseconds. */
export const patienceOf = ({ config, hasNft, driver }: Variant): { readonly dead: number; readonly alive: number } => ({
  dead: config === 'defaults' ? (hasNft && driver === 'auto' ? 2500 : 9000) : 2500,
  alive: config === 'defaults' ? 9000 : 4000,
});
