// Sign in.
import { Page } from '@/components/Page';

export function SignInPage() {
  return <Page title="Sign in">{null}</Page>;
}
