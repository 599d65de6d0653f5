// Access tokens.
import { Page } from '@/components/Page';

export function AccessTokensPage() {
  return <Page title="Access tokens">{null}</Page>;
}
