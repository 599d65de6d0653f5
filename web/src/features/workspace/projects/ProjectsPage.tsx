// Projects.
import { Page } from '@/components/Page';

export function ProjectsPage() {
  return <Page title="Projects">{null}</Page>;
}
