import { expect, test } from 'vitest';

import { commandHelp, overallHelp } from '../../src/commands/help.ts';
import { commands } from '../../src/commands/commands.ts';
import { renderFindings } from '../../src/commands/text/doctor.text.ts';
import { renderExplanation } from '../../src/commands/text/explain.text.ts';
import { renderAccess, renderHotspot, renderToken } from '../../src/commands/text/hotspot.text.ts';
import { renderPlan, renderRemoved } from '../../src/commands/text/plan.text.ts';
import { coloured, plain } from '../../src/commands/text/printable.ts';
import { renderStatus } from '../../src/commands/text/status.text.ts';
import { qrLines } from '../../src/adapters/qr/qr.ts';
import { fine, trouble, warning } from '../../src/adapters/doctor/finding.ts';
import { access, bare, busy, explanation, failedHotspot, hostile, hotspot, now, operations, token } from './samples.ts';

const findings = [
  fine('CAP_NET_ADMIN', 'routes and rules may be changed'),
  warning(
    'systemd-networkd',
    'it runs (pid 300) and deletes rules of others',
    'set ManageForeignRoutingPolicyRules=no',
  ),
  trouble('tool.missing', 'ip', 'there is no ip', 'apt-get install iproute2'),
];

const texts: readonly (readonly [name: string, text: string | Promise<string>])[] = [
  ['status-busy', renderStatus(busy, now, plain)],
  ['status-busy-coloured', renderStatus(busy, now, coloured)],
  ['status-bare', renderStatus(bare, now, plain)],
  ['hotspot', renderHotspot(hotspot, now, plain)],
  ['hotspot-failed', renderHotspot(failedHotspot, now, plain)],
  ['hotspot-qr', renderAccess(access, qrLines(access.uri, false))],
  ['hotspot-token', renderToken(token, qrLines(token.url, true))],
  ['explanation', renderExplanation(explanation, plain)],
  ['plan', renderPlan(operations, plain)],
  ['cleanup', renderRemoved(operations, plain)],
  ['doctor', renderFindings(findings, plain)],
  ['help', overallHelp()],
  ...commands.map(({ name }) => [`help-${name}`, helpOf(name)] as const),
];

test.each(texts)('people are shown what test/golden/expected/%s.txt holds', async (name, text) => {
  await expect(`${(await text).trimEnd()}\n`).toMatchFileSnapshot(`expected/${name}.txt`);
});

async function helpOf(name: string): Promise<string> {
  const loaded = await commands.find((each) => each.name === name)?.load();
  return loaded === undefined ? '' : commandHelp(name, loaded.command);
}

test('nothing to say is said in a sentence', () => {
  expect(renderPlan([], plain)).toBe('nothing to do: the network is as desired');
  expect(renderRemoved([], plain)).toBe('nothing of backhauld was found in the network');
  expect(renderExplanation({ uplinks: [] }, plain)).toBe('no uplink is active, so there is nothing to explain');
  expect(renderFindings([], plain)).toContain('nothing stands in the way');
});

test('colours change nothing but colours', () => {
  // oxlint-disable-next-line no-control-regex -- colours are control sequences
  expect(renderStatus(busy, now, coloured).replaceAll(/\u001b\[\d+m/gu, '')).toBe(renderStatus(busy, now, plain));
});

test('SECU-4: a name that would move the cursor is shown without its power', () => {
  expect(renderStatus(hostile, now, plain)).not.toMatch(/[^\P{C}\n]/u);
  expect(renderStatus(hostile, now, plain)).toContain('e?[31m??');
});

test('help is at most 80 columns wide', async () => {
  const helps = await Promise.all(commands.map(({ name }) => helpOf(name)));
  expect(
    [overallHelp(), ...helps]
      .join('\n')
      .split('\n')
      .filter((line) => line.length > 80),
  ).toEqual([]);
});
