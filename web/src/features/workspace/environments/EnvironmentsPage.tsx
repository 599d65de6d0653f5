// Environments and keys.
import { Page } from '@/components/Page';

export function EnvironmentsPage() {
  return <Page title="Environments and keys">{null}</Page>;
}
