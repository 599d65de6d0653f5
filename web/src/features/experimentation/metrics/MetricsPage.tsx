// Metrics.
import { Page } from '@/components/Page';

export function MetricsPage() {
  return <Page title="Metrics">{null}</Page>;
}
