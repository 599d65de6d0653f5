// Flags.
import { Page } from '@/components/Page';

export function FlagsPage() {
  return <Page title="Flags">{null}</Page>;
}
