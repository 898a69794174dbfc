/** A kind of way out, which has its own drivers, tools and tests; `together`: all of them in one machine. */
export const media = ['wifi', 'ethernet', 'usb', 'lte', 'bluetooth', 'together'] as const;
export type Medium = (typeof media)[number];

/** Tests that share one machine and one boot. */
export interface SuiteDescription {
  readonly medium: Medium;
  /** The file beside this one: `MEDIUM/NAME.suite.ts`. */
  readonly name: string;
  /** Media besides its own whose tools it uses. */
  readonly needs?: readonly Medium[];
  /** What qemu is given beyond what every machine has. */
  readonly devices: readonly string[];
  /** From power on to the last test. */
  readonly timeoutS: number;
  /** And so much more for each of `--cycles`. */
  readonly perCycleS?: number;
}

/** A network card: what the machine calls it, which of its cables it is on, its hardware address. */
const card = (driver: 'e1000' | 'virtio-net-pci', id: string, cable: number, mac: string): readonly string[] => [
  '-netdev',
  `hubport,id=net-${id},hubid=${cable}`,
  '-device',
  `${driver},id=${id},netdev=net-${id},mac=${mac},romfile=`,
];

/**
 * The machine's clock goes by what it has carried out, 250 million instructions a second, and stands still while this
 * machine does something else: so what is measured inside is the same however busy it is here.
 */
const clockOfItsOwn = ['-icount', 'shift=2'];

const cardAndItsFarEnd = [
  ...card('e1000', 'card', 0, '52:54:00:00:01:01'),
  ...card('virtio-net-pci', 'far', 0, '52:54:00:00:01:02'),
];

export const suites: readonly SuiteDescription[] = [
  { medium: 'wifi', name: 'fixtures', devices: clockOfItsOwn, timeoutS: 300 },
  { medium: 'wifi', name: 'clients', devices: [], timeoutS: 240 },
  { medium: 'wifi', name: 'rotation', devices: [], timeoutS: 240 },
  { medium: 'wifi', name: 'comes-and-goes', devices: clockOfItsOwn, timeoutS: 600, perCycleS: 60 },
  { medium: 'wifi', name: 'unhurried', devices: clockOfItsOwn, timeoutS: 600 },
  { medium: 'wifi', name: 'beside', devices: [], timeoutS: 240 },
  { medium: 'wifi', name: 'alone', devices: [], timeoutS: 240 },
  { medium: 'ethernet', name: 'cable', devices: cardAndItsFarEnd, timeoutS: 120 },
  { medium: 'ethernet', name: 'shaping', devices: cardAndItsFarEnd, timeoutS: 240 },
  {
    medium: 'usb',
    name: 'phone',
    // The phone itself is plugged in by the test: its end of the cable waits for it.
    devices: [
      ...'-device qemu-xhci,id=xhci -netdev hubport,id=net-phone,hubid=1'.split(' '),
      ...card('virtio-net-pci', 'far', 1, '52:54:00:00:02:01'),
    ],
    timeoutS: 240,
  },
  { medium: 'usb', name: 'ten', devices: [], timeoutS: 600 },
  { medium: 'lte', name: 'modems', devices: [], timeoutS: 300 },
  { medium: 'bluetooth', name: 'pan', devices: [], timeoutS: 240 },
  {
    medium: 'together',
    name: 'ranking',
    needs: ['wifi', 'ethernet', 'usb', 'lte', 'bluetooth'],
    devices: cardAndItsFarEnd,
    timeoutS: 400,
  },
];
