// Experiments.
import { Page } from '@/components/Page';

export function ExperimentsPage() {
  return <Page title="Experiments">{null}</Page>;
}
