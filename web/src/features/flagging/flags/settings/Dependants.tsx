// The flags that have this one as a prerequisite.
import { Anchor, List, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Answer } from '@/components/Answer';
import { useDependants } from '../questions';

export function Dependants({ projectKey, flagKey }: { projectKey: string; flagKey: string }) {
  const found = useDependants(projectKey, flagKey);
  return (
    <Answer of={found} what="the flags that depend on it" lines={2}>
      {(items) =>
        items.length === 0 ? (
          <Text size="sm">No flag has this one as a prerequisite.</Text>
        ) : (
          <List size="sm" spacing={4}>
            {items.map((flag) => (
              <List.Item key={flag.key}>
                <Anchor component={Link} to={flag.environments[0]?._site.href ?? '.'} size="sm">
                  {flag.name}
                </Anchor>{' '}
                in {flag.environments.map((each) => each.name).join(', ')}
              </List.Item>
            ))}
          </List>
        )
      }
    </Answer>
  );
}
