// Which projects are shown, and in which order.
import type { Project } from '@/lib/workspace';

/** The projects whose name, key or tags hold the text, sorted by `name` or `key`, descending after a minus. */
export function chosen(projects: Project[], text = '', sort = 'name'): Project[] {
  const wanted = text.trim().toLowerCase();
  const found = projects.filter(({ name, key, tags }) =>
    [name, key, ...tags].some((each) => each.toLowerCase().includes(wanted)),
  );
  const by = sort.endsWith('key') ? 'key' : 'name';
  const direction = sort.startsWith('-') ? -1 : 1;
  return found.sort((one, other) => direction * one[by].localeCompare(other[by], 'en', { numeric: true }));
}

/** How many environments a project has, where the list says so. */
export function environmentCount({ environments }: Project): number | undefined {
  if (Array.isArray(environments)) return environments.length;
  const total = (environments as { totalCount?: unknown } | undefined)?.totalCount;
  return typeof total === 'number' ? total : undefined;
}
