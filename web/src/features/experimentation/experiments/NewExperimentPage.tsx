// New experiment.
import { Page } from '@/components/Page';

export function NewExperimentPage() {
  return <Page title="New experiment">{null}</Page>;
}
