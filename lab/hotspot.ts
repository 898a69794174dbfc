import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './lab.ts';

/** A namespace has no radio: a bridge stands in its place, and clients would be plugged to it. */
const bridge = 'ap0';

/** Quicker than the defaults: who pulls all three cables wants to see it open. */
const group = `
[hotspot]
enabled = true
interface = "${bridge}"
ssid = "virtual node"
country = "DE"
startAfter = "5s"
stopAfter = "10s"

[hotspot.security.onboardingTokens]
enabled = true
`;

/** Gives the node a bridge for a hotspot. Resolves with the path of a configuration with one. */
export async function addHotspot(lab: Lab): Promise<string> {
  await lab.node.ip(`link add ${bridge} type bridge`, `link set ${bridge} up`);
  const config = join(lab.directory, 'node.toml');
  writeFileSync(config, readFileSync(new URL('node.toml', import.meta.url), 'utf8') + group);
  return config;
}
