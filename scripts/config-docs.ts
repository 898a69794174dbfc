import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';

import { configSchema } from '../src/adapters/config/schema.ts';

/** docs/config.schema.json: for editors, and for whoever writes configurations by program. */
export function configJsonSchema(): string {
  const schema = toJsonSchema(configSchema, {
    typeMode: 'input',
    target: 'draft-2020-12',
    // What a schema cannot say is left to the reader of the file: it says it with line and column.
    errorMode: 'ignore',
    overrideSchema: ({ valibotSchema, jsonSchema }) =>
      valibotSchema.type === 'loose_object' ? { ...jsonSchema, additionalProperties: false } : undefined,
  });
  const { $schema, ...rest } = schema;
  return `${JSON.stringify({ $schema, title: 'Configuration of backhauld', ...rest }, null, 2)}\n`;
}

interface Row {
  readonly name: string;
  readonly expected: string;
  /** As a file would write it; null for a setting without a default. */
  readonly fallback: string | null;
  readonly description: string;
}

/** docs/configuration.md: every setting with what it takes, its default and what it does. */
export function configReference(): string {
  const groups = Object.entries(entriesOf(configSchema) ?? {});
  const single = groups.filter(([, schema]) => entriesOf(schema) === null && itemOf(schema) === null);
  return [
    introduction,
    `## At the top\n\n${markdownTable(single.flatMap(([name, schema]) => rows(schema, [name])))}`,
    ...groups.flatMap(([name, schema]) => {
      const entries = entriesOf(schema);
      return entries === null ? [] : [section(`[${name}]`, name, rowsOf(entries, []))];
    }),
    ...groups.flatMap(([name, schema]) => {
      const item = itemOf(schema);
      return item === null ? [] : [section(`[[${name}]]`, name, rowsOf(entriesOf(item) ?? {}, []))];
    }),
    '',
  ].join('\n\n');
}

const introduction = `# Configuration

<!-- Made by "npm run generate" from the schema in src/adapters/config. -->

\`backhauld run\` reads \`/etc/backhauld/config.toml\`, or the file that \`--config\` names. Without a file the
defaults below hold, and they are meant to be enough for most nodes. \`backhauld check FILE\` reports every mistake with
its line and column and changes nothing. For editors that complete and check TOML there is a
[JSON Schema](config.schema.json).

\`\`\`toml
profile = "default"

[probe]
targets = ["tcp://1.1.1.1:53", "icmp://8.8.8.8", "https://192.0.2.1/generate_204"]

[lifecycle]
upToDegraded = "15s"

[interfaces]
include = ["eth*", "wlan0", "wwan0"]

[[uplink]]
match = "wwan0"
policy = { kind = "metered", budget = "1 GB", period = "monthly", startDay = 1 }
\`\`\`

Durations, amounts of data and rates are written with their unit: \`250ms\`, \`15s\`, \`5m\`, \`24h\`, \`30d\`;
\`512 kB\`, \`1 GB\` (10⁹ bytes), \`1 GiB\` (2³⁰ bytes); \`1000 kbit/s\`, \`5 Mbit/s\`, \`1 Gbit/s\`. In names of
interfaces \`*\` stands for any characters and \`?\` for one. A target is a literal address, or a name: that is
resolved through each uplink by the uplink's own name servers (those in \`[[uplink]]\` \`dns\`, else those its lease
brought, else its gateways), and an uplink whose name servers give no address has lost the probe.

Settings that are marked "not in effect yet" are read and checked, and change nothing in this version; where only
a part is meant, it is named.`;

const about: Readonly<Record<string, string>> = {
  discovery: 'How the kernel is read.',
  interfaces:
    'Which interfaces may be uplinks. Without `include`, bridges, tunnels, containers and the like are passed over by themselves.',
  probe: 'How uplinks are measured. Targets of one family stand for that family alone: the other keeps its defaults.',
  stall: 'Signs of trouble that cost no packet.',
  keepalive: 'The least traffic on the active uplink.',
  scoring: 'What an uplink earns points for: `total = trunc(latency + loss + success + bias)`.',
  selection: 'When a better uplink takes over.',
  lifecycle: 'Hold-downs of the slow opinion of an uplink. They never delay leaving an uplink that has failed.',
  routing: 'What is installed in the kernel, and where.',
  failback: 'What happens to flows on the uplink that was left.',
  dns: 'Where name servers of the active uplink go. `auto` does as the machine does: systemd-resolved or resolvconf where `/etc/resolv.conf` is theirs, else that file itself.',
  hotspot: 'The access point for local work while there is no way out.',
  relayQos: 'Shares of relayed and own traffic on the active uplink.',
  usbTether: 'Phones on USB.',
  bluetoothPan: 'Phones over Bluetooth.',
  battery: 'Behaviour on battery.',
  recorder: 'The record of what the state machines were told.',
  api: 'The control socket.',
  uplink: 'Settings of single uplinks. An interface takes the first entry that matches it, and only that one.',
};

function section(title: string, group: string, all: readonly Row[]): string {
  return `## \`${title}\`\n\n${about[group] ?? ''}\n\n${markdownTable(all)}`;
}

function markdownTable(all: readonly Row[]): string {
  const cell = (text: string): string => text.replaceAll('|', String.raw`\|`);
  return [
    '| setting | takes | default | what it does |',
    '|---|---|---|---|',
    ...all.map(({ name, expected, fallback, description }) => {
      const shown = fallback === null ? '' : `\`${fallback}\``;
      return `| \`${name}\` | ${cell(expected)} | ${cell(shown)} | ${cell(description)} |`;
    }),
  ].join('\n');
}

type Entries = Readonly<Record<string, v.GenericSchema>>;

const rowsOf = (entries: Entries, path: readonly string[]): readonly Row[] =>
  Object.entries(entries).flatMap(([name, schema]) => rows(schema, [...path, name]));

function rows(schema: v.GenericSchema, path: readonly string[]): readonly Row[] {
  const entries = entriesOf(schema);
  if (entries !== null) return rowsOf(entries, path);
  const inner = unwrapped(schema);
  const fallback: unknown = schema.type === 'optional' ? v.getDefault(schema) : undefined;
  return [
    {
      name: path.join('.'),
      expected: 'message' in inner && typeof inner.message === 'string' ? inner.message : '',
      fallback: fallback === undefined ? null : toml(fallback),
      description: v.getDescription(schema) ?? v.getDescription(inner) ?? '',
    },
  ];
}

const toml = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(toml).join(', ')}]` : JSON.stringify(value);

const isSchema = (value: unknown): value is v.GenericSchema =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'schema';

const unwrapped = (schema: v.GenericSchema): v.GenericSchema =>
  'wrapped' in schema && isSchema(schema.wrapped) ? schema.wrapped : schema;

function entriesOf(schema: v.GenericSchema): Entries | null {
  const inner = unwrapped(schema);
  if (!('entries' in inner) || typeof inner.entries !== 'object' || inner.entries === null) return null;
  return Object.fromEntries(
    Object.entries(inner.entries).flatMap(([name, entry]: [string, unknown]) =>
      isSchema(entry) ? [[name, entry]] : [],
    ),
  );
}

function itemOf(schema: v.GenericSchema): v.GenericSchema | null {
  const inner = unwrapped(schema);
  return 'item' in inner && isSchema(inner.item) && entriesOf(inner.item) !== null ? inner.item : null;
}
