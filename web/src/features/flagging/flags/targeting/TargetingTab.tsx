// What a flag does in an environment, to be read and changed: nothing is saved until it has been reviewed.
import { Stack } from '@mantine/core';
import { useCallback, useMemo } from 'react';
import { Empty } from '@/components/Notices';
import * as addresses from '@/lib/addresses';
import { useEnvironment } from '@/lib/workspace';
import { type Flag, type FlagConfig, useFlags } from '../questions';
import { labelOf } from '../values';
import { DefaultRule, OffVariation } from './Defaults';
import { type Editing, EditingContext, useEdited } from './editing';
import { changesBetween, type Names } from './model/changes';
import { type Draft, draftOf, type Prerequisite } from './model/draft';
import { warningsOf } from './model/warnings';
import { OnSwitch } from './OnSwitch';
import { Pending } from './Pending';
import { Prerequisites } from './Prerequisites';
import { useContextKinds, useRunningExperiments } from './questions';
import { Rules } from './rules/Rules';
import { Targets } from './targets/Targets';

interface Props {
  projectKey: string;
  environmentKey: string;
  flag: Flag;
}

export function TargetingTab({ projectKey, environmentKey, flag }: Props) {
  const config = flag.environments?.[environmentKey];
  if (!config) return <Empty title="This environment is not there any more">Choose another one above.</Empty>;
  const name = `${projectKey} ${environmentKey} ${flag.key}`;
  return <Editor key={name} flag={flag} config={config} projectKey={projectKey} environmentKey={environmentKey} />;
}

interface EditorProps extends Props {
  config: FlagConfig;
}

function Editor({ flag, config, projectKey, environmentKey }: EditorProps) {
  const { key: flagKey, variations } = flag;
  const theirs = useMemo(() => draftOf(config, variations), [config, variations]);
  const edited = useEdited(`${projectKey} ${environmentKey} ${flagKey}`, theirs);
  const { draft, base } = edited;
  const names = useNames(projectKey, flag, [...base.prerequisites, ...draft.prerequisites, ...theirs.prerequisites]);
  const environment = useEnvironment(projectKey, environmentKey);
  const environmentName = environment?.name ?? config._environmentName;
  const where = { projectKey, environmentKey, environmentName, flagKey };
  const editing = useEditingOf(where, variations, base, edited.change, names.variation);
  const changes = changesBetween(base, draft, names);
  const warnings = useMemo(
    () => warningsOf(draft, { flagKey, variationIds: variations.map((each) => each._id ?? '') }),
    [draft, flagKey, variations],
  );
  const warningsAt = (place: string) => warnings.filter(({ at }) => at === place);

  return (
    <EditingContext.Provider value={editing}>
      <Stack gap="md">
        <OnSwitch
          on={draft.on}
          isChanged={draft.on !== base.on}
          offVariationId={draft.offVariationId}
          isArchived={flag.archived}
        />
        <Prerequisites prerequisites={draft.prerequisites} warnings={warningsAt('prerequisites')} />
        <Targets targets={draft.targets} warnings={warningsAt('targets')} />
        <Rules
          rules={draft.rules}
          editedIds={new Set(changes.map(({ instruction }) => instruction.ruleId))}
          warningsAt={warningsAt}
        />
        <DefaultRule fallthrough={draft.fallthrough} warnings={warningsAt('fallthrough')} />
        <OffVariation variationId={draft.offVariationId} warnings={warningsAt('off')} />
        <Pending
          edited={edited}
          changes={changes}
          environment={environment}
          flagTags={flag.tags}
          warnings={warnings}
          theirs={edited.isOvertaken ? changesBetween(base, theirs, names) : []}
        />
      </Stack>
    </EditingContext.Provider>
  );
}

type Place = Pick<Editing, 'projectKey' | 'environmentKey' | 'environmentName' | 'flagKey'>;

/** What all parts need to know; the same object until something in it is another. */
function useEditingOf(
  { projectKey, environmentKey, environmentName, flagKey }: Place,
  variations: Editing['variations'],
  base: Draft,
  change: Editing['change'],
  nameOf: Editing['nameOf'],
): Editing {
  const { data: experiments } = useRunningExperiments(projectKey, environmentKey, flagKey);
  const contextKinds = useContextKinds(projectKey);
  const attributes = attributesIn(base).join('\n');
  const kinds = contextKinds.join('\n');
  return useMemo(
    () => ({
      projectKey,
      environmentKey,
      environmentName,
      flagKey,
      change,
      variations,
      nameOf,
      deed: (action) => ({ action, resource: addresses.flag(projectKey, flagKey, environmentKey) }),
      experimentAt: (place) => experiments?.find((each) => each.place === place),
      contextKinds: kinds.split('\n'),
      attributes: attributes.split('\n'),
    }),
    [projectKey, environmentKey, environmentName, flagKey, change, variations, nameOf, experiments, kinds, attributes],
  );
}

const USUAL_ATTRIBUTES = ['key', 'name', 'email', 'country', 'anonymous'];

/** What is asked about already, and what most contexts have. */
function attributesIn(draft: Draft): string[] {
  const used = draft.rules.flatMap((rule) => rule.clauses.map(({ attribute }) => attribute));
  return [...new Set([...used.filter(Boolean), ...USUAL_ATTRIBUTES])];
}

/** What variations are called, this flag's own and those of its prerequisites. */
function useNames(projectKey: string, flag: Flag, prerequisites: Prerequisite[]): Names {
  const flags = useFlags(projectKey, [...new Set(prerequisites.map(({ key }) => key))]);
  const variationOf = ({ key, variation }: Prerequisite) =>
    flags.find((each) => each.key === key)?.variations[variation];
  const { variations } = flag;
  const nameOf = useCallback(
    (id: string) => {
      const place = variations.findIndex((each) => each._id === id);
      return place < 0 ? 'a variation that is gone' : labelOf(variations[place], place);
    },
    [variations],
  );
  return {
    variation: nameOf,
    prerequisiteVariation: (each) => {
      const found = variationOf(each);
      return found ? labelOf(found) : `variation ${each.variation + 1}`;
    },
    prerequisiteVariationId: (each) => each.variationId ?? variationOf(each)?._id ?? '',
  };
}
