import { dnsPlaceKey, type DnsOperation, type DnsRecord } from '../../model/dns.ts';
import type { OperationResult } from '../../model/network.ts';
import type { DnsJournal, DnsTarget } from '../ports.ts';

/** Where operations on name servers are carried out. */
export interface DnsPorts {
  readonly target: DnsTarget;
  readonly journal: DnsJournal;
}

/** Carries out one operation. Never rejects: what goes wrong is in the result. */
export async function executeDns(operation: DnsOperation, { target, journal }: DnsPorts): Promise<OperationResult> {
  const { record } = operation;
  if (operation.type === 'dns.forget') return journal.remove(record);
  const reading = target.read(record);
  const current = 'value' in reading ? reading.value : undefined;
  if (operation.type === 'dns.set') {
    const { value } = operation;
    // The plan is older than what may have happened since: nobody else's change is overwritten.
    const isPlannedFor = current === record.before || record.written.slice(0, -1).includes(current ?? null);
    if (current === undefined || !isPlannedFor) return changedMeanwhile(record);
    // Recorded before it is changed: after a power cut in between, the record is all that tells.
    const recorded = journal.put(record);
    return recorded.ok ? target.write(record, value) : recorded;
  }
  if (current === undefined || !record.written.includes(current)) return changedMeanwhile(record);
  const restored = await target.write(record, record.before);
  return restored.ok || restored.retry === 'satisfied' ? journal.remove(record) : restored;
}

const changedMeanwhile = (record: DnsRecord): OperationResult => ({
  ok: false,
  retry: 'retryable',
  code: 'kernel.busy',
  message: `${dnsPlaceKey(record)} has been changed since the plan was made`,
});
