// Audit log.
import { Page } from '@/components/Page';

export function AuditLogPage() {
  return <Page title="Audit log">{null}</Page>;
}
