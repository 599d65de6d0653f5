// Metric.
import { Page } from '@/components/Page';

export function MetricPage() {
  return <Page title="Metric">{null}</Page>;
}
