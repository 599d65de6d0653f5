// What is assigned to a treatment, and stays with it.
import { Radio, Stack, Text } from '@mantine/core';
import { useEffect } from 'react';
import { Answer } from '@/components/Answer';
import { useUnits } from '../questions';
import type { StepProps } from './step';

export function UnitStep({ place, design, change, problems }: StepProps) {
  const units = useUnits(place.projectKey);
  const preset = units.data?.find((each) => each.default)?.randomizationUnit;
  useEffect(() => {
    if (!design.unit && preset) change({ unit: preset });
  }, [design.unit, preset, change]);
  return (
    <Answer of={units} what="the units" lines={3}>
      {(known) => (
        <Radio.Group
          label="Randomization unit"
          description="Each one gets the same treatment every time, and counts once. Choose what your code knows both when it asks for the flag and when it reports events."
          value={design.unit}
          error={problems.unit}
          onChange={(unit) => change({ unit })}
        >
          <Stack gap="xs" mt="sm">
            {known.map((each) => (
              <Radio
                key={each.randomizationUnit}
                value={each.randomizationUnit}
                label={each._displayName}
                description={`Contexts of the kind ${each.randomizationUnit}${each.default ? ', the default of this project' : ''}`}
              />
            ))}
            {known.length === 1 && (
              <Text size="xs" c="dimmed">
                To randomize by something else, such as accounts or devices, add its kind of context to the
                experimentation settings of the project.
              </Text>
            )}
          </Stack>
        </Radio.Group>
      )}
    </Answer>
  );
}
