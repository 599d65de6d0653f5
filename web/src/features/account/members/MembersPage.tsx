// Members.
import { Page } from '@/components/Page';

export function MembersPage() {
  return <Page title="Members">{null}</Page>;
}
