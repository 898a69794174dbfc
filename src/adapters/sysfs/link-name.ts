/** IFNAMSIZ less its terminating zero. */
const maxBytes = 15;

/** Under /proc/sys/net these two name no link but all links, or the ones still to come; so the kernel refuses such links. */
const reserved = new Set(['all', 'default']);

/**
 * Whether a link's name can stand in a path as one component and means this link only.
 *
 * What the kernel takes for a name: dev_valid_name() in net/core/dev.c. It is asked again because names also come from
 * files and from people.
 */
export const isPathSafeName = (name: string): boolean =>
  /^[^/:\s\0]+$/u.test(name) && name !== '.' && name !== '..' && Buffer.byteLength(name) <= maxBytes;

/** Whether a name stands for more than one link under /proc/sys/net/…/conf/. */
export const isReservedName = (name: string): boolean => reserved.has(name);
