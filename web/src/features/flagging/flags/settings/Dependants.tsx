// What rests on a flag: the flags that have it as a prerequisite, and the experiments about it.
import { Anchor, List, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Answer } from '@/components/Answer';
import { useEnvironments } from '@/lib/workspace';
import { useDependants, useExperimentsOn } from '../questions';

export function Dependants({ projectKey, flagKey }: { projectKey: string; flagKey: string }) {
  const found = useDependants(projectKey, flagKey);
  const environments = useEnvironments(projectKey);
  const experiments = useExperimentsOn(
    projectKey,
    flagKey,
    environments.map((each) => each.key),
  );
  const nameOf = (key: string) => environments.find((each) => each.key === key)?.name ?? key;
  return (
    <Answer of={found} what="what depends on it" lines={2}>
      {(flags) =>
        flags.length + experiments.length === 0 ? (
          <Text size="sm">No flag has this one as a prerequisite, and no experiment is about it.</Text>
        ) : (
          <List size="sm" spacing={4}>
            {flags.map((flag) => (
              <List.Item key={flag.key}>
                Flag{' '}
                <Anchor component={Link} to={flag.environments[0]?._site.href ?? '.'} size="sm" underline="always">
                  {flag.name}
                </Anchor>{' '}
                in {flag.environments.map((each) => each.name).join(', ')}
              </List.Item>
            ))}
            {experiments.map((experiment) => (
              <List.Item key={`${experiment.environmentKey} ${experiment.key}`}>
                Experiment{' '}
                <Anchor
                  component={Link}
                  to={`/projects/${encodeURIComponent(projectKey)}/${encodeURIComponent(experiment.environmentKey)}/experiments/${encodeURIComponent(experiment.key)}`}
                  size="sm"
                  underline="always"
                >
                  {experiment.name}
                </Anchor>{' '}
                in {nameOf(experiment.environmentKey)}
              </List.Item>
            ))}
          </List>
        )
      }
    </Answer>
  );
}
