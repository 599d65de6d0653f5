// Flag.
import { Page } from '@/components/Page';

export function FlagPage() {
  return <Page title="Flag">{null}</Page>;
}
