// Live events.
import { Page } from '@/components/Page';

export function LiveEventsPage() {
  return <Page title="Live events">{null}</Page>;
}
