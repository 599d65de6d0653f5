// Everything that was decided about an experiment, and how it can still be changed.
import { Anchor, Card, Group, List, Stack, Text, Title } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Act } from '@/components/Act';
import * as addresses from '@/lib/addresses';
import { DesignDialog } from './DesignDialog';
import { type Design, designOf } from './design';
import { type Editable, refusalOf } from './editing';
import { NameDialog } from './NameDialog';
import { flagPath, metricPath, type Place } from './paths';
import { type Experiment, useFlag } from './questions';
import { presentOf } from './standing';
import { AllocationBar } from './steps/AllocationBar';
import { methodOf, ruleName, variationName } from './wording';

export function DesignTab({ place, experiment }: { place: Place; experiment: Experiment }) {
  const [editing, setEditing] = useState<Editable>();
  const [isNaming, setNaming] = useState(false);
  const iteration = presentOf(experiment);
  if (!iteration) return <Text>This experiment has no iteration yet.</Text>;
  const design = designOf(experiment, iteration);
  const edit = (what: Editable) => () => setEditing(what);
  const part = { place, experiment };
  return (
    <Stack>
      <Part {...part} title="Name and description" onEdit={() => setNaming(true)}>
        <Text size="sm">{experiment.name}</Text>
        <Text size="sm" c="dimmed">
          {experiment.description || 'No description.'}
        </Text>
      </Part>
      <Part {...part} title="Hypothesis" onEdit={edit('hypothesis')}>
        <Text size="sm">{design.hypothesis}</Text>
      </Part>
      <Part {...part} title="Flag and rule" onEdit={edit('flag')}>
        <FlagAndRule place={place} design={design} />
      </Part>
      <Part {...part} title="Treatments" onEdit={edit('treatments')}>
        <Treatments place={place} design={design} />
      </Part>
      <Part {...part} title="Randomization unit" onEdit={edit('unit')}>
        <Text size="sm">Each {design.unit} stays with one treatment.</Text>
      </Part>
      <Part {...part} title="Metrics" onEdit={edit('metrics')}>
        <List size="sm">
          {design.metrics.map((metric) => (
            <List.Item key={`${metric.key} ${metric.isGroup}`}>
              {metric.isGroup ? (
                metric.name
              ) : (
                <Anchor underline="always" component={Link} to={metricPath(place, metric.key)} size="sm">
                  {metric.name}
                </Anchor>
              )}
              {metric.key === design.primaryKey && ' (primary: it decides)'}
            </List.Item>
          ))}
        </List>
      </Part>
      <Part {...part} title="Method" onEdit={edit('method')}>
        <Text size="sm">An answer is given {methodOf(design)}.</Text>
      </Part>
      {editing && (
        <DesignDialog {...{ place, experiment, design }} what={editing} onClose={() => setEditing(undefined)} />
      )}
      {isNaming && <NameDialog place={place} experiment={experiment} onClose={() => setNaming(false)} />}
    </Stack>
  );
}

interface PartProps {
  place: Place;
  experiment: Experiment;
  title: string;
  onEdit: () => void;
  children: ReactNode;
}

function Part({ place, experiment, title, onEdit, children }: PartProps) {
  const resource = addresses.experiment(place.projectKey, place.environmentKey, experiment.key);
  return (
    <Card withBorder radius="md" component="section" aria-label={title}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <Stack gap={6} style={{ flex: 1, minWidth: 0 }}>
          <Title order={2} size="h5">
            {title}
          </Title>
          {children}
        </Stack>
        <Act
          variant="default"
          size="compact-sm"
          leftSection={<IconPencil size={14} />}
          may={{ action: 'updateExperiment', resource }}
          disabledBecause={refusalOf(experiment)}
          onClick={onEdit}
          aria-label={`Edit ${title.toLowerCase()}`}
        >
          Edit
        </Act>
      </Group>
    </Card>
  );
}

function FlagAndRule({ place, design }: { place: Place; design: Design }) {
  const flag = useFlag(place, design.flagKey).data;
  const rules = flag?.environments?.[place.environmentKey]?.rules ?? [];
  return (
    <Text size="sm">
      <Anchor underline="always" component={Link} to={flagPath(place, design.flagKey)} size="sm">
        {flag?.name ?? design.flagKey}
      </Anchor>
      , {ruleName(design.ruleId, rules)}
    </Text>
  );
}

function Treatments({ place, design }: { place: Place; design: Design }) {
  const flag = useFlag(place, design.flagKey).data;
  const outside = flag?.variations.find((each) => each._id === design.outsideId);
  const baseline = design.treatments.find((each) => each.variationId === design.baselineId);
  return (
    <Stack gap={6}>
      <AllocationBar design={design} />
      <Text size="sm">
        Compared with “{baseline?.name}”.{' '}
        {design.audience < 100 && `Those who take no part get ${variationName(outside)}.`}
      </Text>
    </Stack>
  );
}
