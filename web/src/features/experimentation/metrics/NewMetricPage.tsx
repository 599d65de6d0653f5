// New metric.
import { Page } from '@/components/Page';

export function NewMetricPage() {
  return <Page title="New metric">{null}</Page>;
}
