// Two people edited at once: one's unsaved changes put upon what the other has saved.
import { type Draft, isNew, type Prerequisite, type Rule, same, type TargetList } from './draft';

/** Mine where I changed something, theirs everywhere else. */
export function merged(base: Draft, mine: Draft, theirs: Draft): Draft {
  const pick = <T>(was: T, my: T, their: T): T => (same(was, my) ? their : my);
  return {
    on: pick(base.on, mine.on, theirs.on),
    prerequisites: mergedByKey(base.prerequisites, mine.prerequisites, theirs.prerequisites),
    targets: mergedTargets(base, mine, theirs),
    rules: mergedRules(base.rules, mine.rules, theirs.rules),
    fallthrough: pick(base.fallthrough, mine.fallthrough, theirs.fallthrough),
    offVariationId: pick(base.offVariationId, mine.offVariationId, theirs.offVariationId),
  };
}

/** What both have changed, and not in the same way: there mine would win. */
export function overlaps(base: Draft, mine: Draft, theirs: Draft): string[] {
  const both = <T>(was: T, my: T, their: T) => !same(was, my) && !same(was, their) && !same(my, their);
  const found: string[] = [];
  if (both(base.on, mine.on, theirs.on)) found.push('whether targeting is on');
  if (both(base.fallthrough, mine.fallthrough, theirs.fallthrough)) found.push('the default rule');
  if (both(base.offVariationId, mine.offVariationId, theirs.offVariationId)) found.push('the off variation');
  for (const was of base.prerequisites) {
    const of = (draft: Draft) => draft.prerequisites.find(({ key }) => key === was.key);
    if (both<unknown>(was, of(mine), of(theirs))) found.push(`the prerequisite ${was.key}`);
  }
  for (const [place, was] of base.rules.entries()) {
    const of = (draft: Draft) => draft.rules.find(({ id }) => id === was.id);
    if (both<unknown>(was, of(mine), of(theirs))) found.push(was.description || `rule ${place + 1}`);
  }
  return found;
}

function mergedByKey(base: Prerequisite[], mine: Prerequisite[], theirs: Prerequisite[]): Prerequisite[] {
  const of = (list: Prerequisite[], key: string) => list.find((each) => each.key === key);
  const keys = new Set([...theirs, ...mine].map(({ key }) => key));
  return [...keys].flatMap((key) => {
    const [was, my, their] = [of(base, key), of(mine, key), of(theirs, key)];
    const chosen = same(was ?? null, my ?? null) ? their : my;
    return chosen ? [chosen] : [];
  });
}

/** Keys that I added or removed, upon their lists; whoever is in two lists then stays where I put them. */
function mergedTargets(base: Draft, mine: Draft, theirs: Draft): TargetList[] {
  const lists = new Map<string, TargetList>();
  const at = ({ contextKind, variationId }: TargetList) => `${contextKind} ${variationId}`;
  for (const each of theirs.targets) lists.set(at(each), { ...each, keys: [...each.keys] });
  const keys = (draft: Draft, list: TargetList) => draft.targets.find((each) => at(each) === at(list))?.keys ?? [];
  for (const list of [...base.targets, ...mine.targets]) {
    const gone = keys(base, list).filter((key) => !keys(mine, list).includes(key));
    const found = lists.get(at(list));
    if (found) found.keys = found.keys.filter((key) => !gone.includes(key));
  }
  for (const list of mine.targets) {
    const added = list.keys.filter((key) => !keys(base, list).includes(key));
    for (const other of lists.values())
      if (other.contextKind === list.contextKind) other.keys = other.keys.filter((key) => !added.includes(key));
    const found = lists.get(at(list)) ?? { ...list, keys: [] };
    lists.set(at(list), { ...found, keys: [...found.keys, ...added] });
  }
  return [...lists.values()].filter((list) => list.keys.length > 0);
}

function mergedRules(base: Rule[], mine: Rule[], theirs: Rule[]): Rule[] {
  const of = (list: Rule[], id: string) => list.find((each) => each.id === id);
  const order = (list: Rule[]) =>
    list.filter(({ id }) => of(base, id) && of(mine, id) && of(theirs, id)).map(({ id }) => id);
  const kept = theirs.flatMap((their) => {
    const was = of(base, their.id);
    const my = of(mine, their.id);
    if (!was) return [their]; // theirs, new
    if (!my) return []; // removed by me
    return [mergedRule(was, my, their)];
  });
  // One that they removed comes back only if I had changed it; it is a new one then.
  const revived = mine.filter((my) => {
    const was = of(base, my.id);
    return was && !of(theirs, my.id) && !same(was, my);
  });
  const fresh = mine.filter(({ id }) => isNew(id));
  const ordered = same(order(base), order(mine)) ? kept : arranged(kept, mine);
  const extra = mine.filter((rule) => fresh.includes(rule) || revived.includes(rule));
  return extra.reduce(
    (list, rule) => placed(list, isNew(rule.id) ? rule : { ...rule, id: `new ${rule.id}` }, rule, mine),
    ordered,
  );
}

function mergedRule(was: Rule, my: Rule, their: Rule): Rule {
  return {
    ...their,
    description: was.description === my.description ? their.description : my.description,
    clauses: same(was.clauses, my.clauses) ? their.clauses : my.clauses,
    serve: same(was.serve, my.serve) ? their.serve : my.serve,
  };
}

/** In my order; what I do not know stays behind what it stood behind. */
function arranged(rules: Rule[], mine: Rule[]): Rule[] {
  const known = mine.flatMap(({ id }) => rules.filter((rule) => rule.id === id));
  return rules.reduce((list, rule, place) => {
    if (list.includes(rule)) return list;
    const before = rules[place - 1];
    const at = before ? list.indexOf(before) + 1 : 0;
    return [...list.slice(0, at), rule, ...list.slice(at)];
  }, known);
}

/** A rule put before the one it stands before in my list, or at the end. */
function placed(list: Rule[], rule: Rule, original: Rule, mine: Rule[]): Rule[] {
  const following = mine.slice(mine.indexOf(original) + 1);
  const next = following.find(({ id }) => list.some((each) => each.id === id));
  const at = next ? list.findIndex(({ id }) => id === next.id) : list.length;
  return [...list.slice(0, at), rule, ...list.slice(at)];
}
