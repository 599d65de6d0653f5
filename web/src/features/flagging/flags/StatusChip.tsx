// How much a flag is used in an environment.
import { Skeleton } from '@mantine/core';
import { Chip, type Tone } from '@/components/Chip';
import type { Schema } from '@/lib/api/client';
import { date } from '@/lib/formats';

const TONES: Record<string, Tone> = { new: 'info', active: 'good', launched: 'warn', inactive: 'plain' };
const WHY: Record<string, string> = {
  new: 'Created less than a week ago, and no SDK has asked for it yet.',
  active: 'SDKs have asked for it within a week.',
  launched: 'It serves one value to everybody and has not been changed for a week: it may be ready to leave the code.',
  inactive: 'No SDK has asked for it for a week.',
};

export function StatusChip({ status }: { status: Schema<'FlagStatusRep'> | undefined }) {
  if (!status) return <Skeleton height={18} width={60} />;
  const last = status.lastRequested ? ` Last asked for on ${date(Date.parse(status.lastRequested))}.` : '';
  return (
    <Chip tone={TONES[status.name] ?? 'plain'} why={`${WHY[status.name] ?? ''}${last}`}>
      {status.name}
    </Chip>
  );
}
