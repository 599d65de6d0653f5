import { describe, expect, it } from 'vitest';
import type { Environment } from '@/lib/workspace';
import { isApprovalAsked } from './approvals';

const asking = (approvalSettings: object) => ({ approvalSettings }) as Environment;

describe('approvals', () => {
  it('are asked for everything, or for flags with certain tags, however they are written', () => {
    expect(isApprovalAsked(asking({ required: true }), [])).toBe(true);
    expect(isApprovalAsked(asking({ requiredApprovalTags: ['Billing'] }), ['billing', 'ui'])).toBe(true);
    expect(isApprovalAsked(asking({ requiredApprovalTags: ['billing'] }), ['ui'])).toBe(false);
    expect(isApprovalAsked(undefined, ['billing'])).toBe(false);
  });
});
