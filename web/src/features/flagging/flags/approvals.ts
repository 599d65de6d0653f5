// Where an environment wants a second pair of eyes on changes of a flag, and whether somebody may do without.
import * as addresses from '@/lib/addresses';
import { useMay } from '@/lib/may';
import type { Environment } from '@/lib/workspace';

/** Whether changes of a flag with these tags need an approval in an environment. */
export function isApprovalAsked(environment: Environment | undefined, flagTags: readonly string[]): boolean {
  const { required = false, requiredApprovalTags = [] } = environment?.approvalSettings ?? {};
  const tags = flagTags.map((tag) => tag.toLowerCase());
  return required || requiredApprovalTags.some((tag) => tags.includes(tag.toLowerCase()));
}

/** Why a flag cannot be changed in an environment without an approval; nothing where it can. */
export function useApprovalNeed(
  projectKey: string,
  flagKey: string,
  environment: Environment | undefined,
  flagTags: readonly string[],
): string | undefined {
  const isAsked = environment !== undefined && isApprovalAsked(environment, flagTags);
  const resource = addresses.flag(projectKey, flagKey, environment?.key);
  const bypass = useMay(isAsked ? { action: 'bypassRequiredApproval', resource } : undefined);
  if (!isAsked || bypass.allowed) return undefined;
  return `${environment.name} asks for an approval of changes, which your role may not pass by: ${bypass.reason}`;
}
