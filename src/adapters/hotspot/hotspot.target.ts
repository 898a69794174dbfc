import type { HotspotListener, HotspotTarget, KeySource } from '../../effects/ports.ts';
import type { Problem } from '../../model/errors.ts';
import {
  hotspotPartKey,
  type HotspotPart,
  type HotspotPartKind,
  type HotspotPartOf,
} from '../../model/hotspot-parts.ts';
import type { KernelState } from '../../model/kernel.ts';
import { createAccessPoint } from './access-point.part.ts';
import { createAddress } from './address.part.ts';
import { createFilter } from './filter.part.ts';
import { createForwarding, createIpv6Switch } from './forwarding.part.ts';
import { createNames } from './names.part.ts';
import type { Onboarding } from './onboarding-page.ts';
import type { PartMaker } from './part-maker.ts';
import { createPortal } from './portal.part.ts';
import { createBeside, createRadio } from './radio.part.ts';
import { createRuntimeFiles, removeDirectory } from './runtime-files.ts';

export interface HotspotTargetOptions {
  /** Where files of the services are while they run. */
  readonly runtimeDirectory: string;
  readonly keys: KeySource;
  readonly onboarding: Onboarding | null;
  /** The kernel as it is known; null where nobody watches it. */
  readonly state: () => KernelState | null;
}

export interface PreparedTarget extends HotspotTarget {
  /** Finds out, while there is time, what a start would have to wait for. */
  prepare(): Promise<void>;
}

type Makers = Readonly<Record<HotspotPartKind, Required<PartMaker<HotspotPartKind>>>>;

/** Makes the parts of the hotspot out of hostapd, dnsmasq, nftables, iw and the kernel's settings. */
export function createHotspotTarget({
  runtimeDirectory,
  keys,
  onboarding,
  state,
}: HotspotTargetOptions): PreparedTarget {
  const files = createRuntimeFiles(runtimeDirectory);
  let listener: HotspotListener | null = null;
  const noted = (problem: Problem): void => listener?.noted(problem);
  const clients = (count: number): void => listener?.clients(count);
  const radio = createRadio(state);
  const forwarding = createForwarding();
  const ipv6Switch = createIpv6Switch();
  const makers: Makers = {
    filter: forAny(
      'filter',
      createFilter({
        noted,
        ended: (problem) => listener?.ended('filter', problem),
        isHost: forwarding.isHost,
        isIpv6Host: ipv6Switch.isHost,
      }),
    ),
    ipv6Forwarding: forAny('ipv6Forwarding', ipv6Switch),
    radio: forAny('radio', radio),
    interface: forAny('interface', createBeside()),
    accessPoint: forAny(
      'accessPoint',
      createAccessPoint({
        files,
        keys,
        clients,
        noted,
        ended: (problem) => listener?.ended('accessPoint', problem),
      }),
    ),
    address: forAny('address', createAddress(state)),
    forwarding: forAny('forwarding', forwarding),
    names: forAny('names', createNames({ files, clients, ended: (problem) => listener?.ended('names', problem) })),
    portal: forAny('portal', createPortal({ onboarding, noted })),
  };

  return {
    listen(one) {
      listener = one;
    },
    async prepare() {
      // One after the other: nothing waits for it.
      // oxlint-disable-next-line no-await-in-loop
      for (const maker of Object.values(makers)) await maker.prepare();
    },
    async check(parts) {
      const taken = parts.find((part) => part.kind === 'radio');
      const point = parts.find((part) => part.kind === 'accessPoint');
      const problems = await Promise.all([
        ...parts.map(async (part) => makers[part.kind].check(part)),
        taken === undefined || point === undefined ? null : radio.checkOn(taken, point.channel),
      ]);
      return problems.find((problem) => problem !== null) ?? null;
    },
    async before(part) {
      const before = await makers[part.kind].before(part);
      // Whoever takes away what a killed run has left finds its files by this.
      return part.kind === 'filter' ? { ...before, directory: files.directory } : before;
    },
    start: async (part, signal) => makers[part.kind].start(part, signal),
    change: async (from, to) => makers[to.kind].change(from, to),
    async stop({ part, before }) {
      const problem = await makers[part.kind].stop(part, before);
      // The filter is the last to go.
      if (part.kind === 'filter') removeDirectory(before['directory'] ?? files.directory);
      return problem;
    },
    async missing(parts) {
      const looked = await Promise.all(
        parts.map(async (part) => ((await makers[part.kind].isMissing(part)) ? [hotspotPartKey(part)] : [])),
      );
      return looked.flat();
    },
  };
}

/** A maker that takes any part, and passes over what is not of its kind. */
const forAny = <Kind extends HotspotPartKind>(
  kind: Kind,
  maker: PartMaker<Kind>,
): Required<PartMaker<HotspotPartKind>> => {
  const isOwn = (part: HotspotPart): part is HotspotPartOf<Kind> => part.kind === kind;
  return {
    prepare: async () => maker.prepare?.(),
    check: async (part) => (isOwn(part) ? ((await maker.check?.(part)) ?? null) : null),
    before: async (part) => (isOwn(part) ? ((await maker.before?.(part)) ?? {}) : {}),
    start: async (part, signal) => (isOwn(part) ? maker.start(part, signal) : null),
    change: async (from, to) => (isOwn(from) && isOwn(to) ? ((await maker.change?.(from, to)) ?? null) : null),
    stop: async (part, before) => (isOwn(part) ? maker.stop(part, before) : null),
    isMissing: async (part) => isOwn(part) && ((await maker.isMissing?.(part)) ?? false),
  };
};
