// Experiment.
import { Page } from '@/components/Page';

export function ExperimentPage() {
  return <Page title="Experiment">{null}</Page>;
}
