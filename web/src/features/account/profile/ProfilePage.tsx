// Your account.
import { Page } from '@/components/Page';

export function ProfilePage() {
  return <Page title="Your account">{null}</Page>;
}
