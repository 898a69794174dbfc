/**
 * The subsystem that an announcement of the kernel is about (lib/kobject_uevent.c): `ACTION@DEVPATH`, then `KEY=VALUE`
 * texts, each ended by a zero byte. Null for what is none.
 */
export function subsystemOf(announcement: Uint8Array): string | null {
  const texts = Buffer.from(announcement).toString('latin1').split('\0');
  if (!/^[a-z]+@\//u.test(texts[0] ?? '')) return null;
  const found = texts.find((text) => text.startsWith('SUBSYSTEM='));
  return found === undefined ? null : found.slice('SUBSYSTEM='.length);
}
