// What can be done to a metric from its page.
import { ActionIcon, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArchive, IconDots, IconFlask, IconPencil, IconRestore, IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { Act, ActItem } from '@/components/Act';
import { Confirm } from '@/components/Confirm';
import { metric as address } from '@/lib/addresses';
import { useChangeMetric, useDeleteMetric } from '../acts';
import { editMetricPath, metricsPath, newExperimentPath, type Place } from '../paths';
import type { Metric } from '../questions';

export function Actions({ place, metric }: { place: Place; metric: Metric }) {
  const navigate = useNavigate();
  const changeMetric = useChangeMetric(place.projectKey, metric.key);
  const deleteMetric = useDeleteMetric(place.projectKey, metric.key);
  const [isArchiving, archiving] = useDisclosure();
  const [isDeleting, deleting] = useDisclosure();
  const resource = address(place.projectKey, metric.key);
  const archive = (archived: boolean, comment?: string) =>
    changeMetric.mutateAsync({
      steps: [{ op: 'replace', path: '/archived', value: archived }],
      ...(comment ? { comment } : {}),
    });
  return (
    <>
      <Act
        leftSection={<IconFlask size={16} />}
        may={{
          action: 'createExperiment',
          resource: `proj/${place.projectKey}:env/${place.environmentKey}:experiment/*`,
        }}
        disabledBecause={metric.archived && 'An archived metric cannot be used in an experiment'}
        onClick={() => void navigate({ to: newExperimentPath(place, metric.key) })}
      >
        Use in an experiment
      </Act>
      <Act
        variant="default"
        leftSection={<IconPencil size={16} />}
        may={{ action: 'updateName', resource }}
        onClick={() => void navigate({ to: editMetricPath(place, metric.key) })}
      >
        Edit
      </Act>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {metric.archived ? (
            <ActItem
              leftSection={<IconRestore size={16} />}
              may={{ action: 'updateArchived', resource }}
              onClick={() => void archive(false)}
            >
              Restore
            </ActItem>
          ) : (
            <ActItem
              leftSection={<IconArchive size={16} />}
              may={{ action: 'updateArchived', resource }}
              disabledBecause={keptBy(metric)}
              onClick={archiving.open}
            >
              Archive
            </ActItem>
          )}
          <ActItem
            leftSection={<IconTrash size={16} />}
            color="red"
            may={{ action: 'deleteMetric', resource }}
            disabledBecause={
              !metric._isDeleteable && 'It was used in an experiment or group, so its past must stay readable'
            }
            onClick={deleting.open}
          >
            Delete
          </ActItem>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={isArchiving}
        onClose={archiving.close}
        title={`Archive ${metric.name}?`}
        verb="Archive"
        comment="optional"
        onConfirm={(comment) => archive(true, comment)}
      >
        It leaves the list, and new experiments cannot use it. Past results stay, and it can be restored.
        {metric.kind !== 'custom' && ' Pages stop watching for it.'}
      </Confirm>
      <Confirm
        opened={isDeleting}
        onClose={deleting.close}
        title={`Delete ${metric.name}?`}
        verb="Delete"
        danger
        typed={metric.key}
        onConfirm={async () => {
          await deleteMetric.mutateAsync();
          await navigate({ to: metricsPath(place) });
        }}
      >
        The metric is gone for good. Events that were received stay.
      </Confirm>
    </>
  );
}

function keptBy({ activeExperimentCount, metricGroupCount = 0 }: Metric): string | false {
  if (activeExperimentCount > 0) return 'A running experiment uses it';
  return metricGroupCount > 0 && 'A metric group uses it';
}
