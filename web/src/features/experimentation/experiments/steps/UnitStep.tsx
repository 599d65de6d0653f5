// What is assigned to a treatment, and stays with it.
import { Radio, Stack } from '@mantine/core';
import { useEffect } from 'react';
import { Answer } from '@/components/Answer';
import { useUnits } from '../questions';
import { MoreUnits } from './MoreUnits';
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
        <Stack>
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
            </Stack>
          </Radio.Group>
          <MoreUnits place={place} known={known} onAdded={(unit) => change({ unit })} />
        </Stack>
      )}
    </Answer>
  );
}
