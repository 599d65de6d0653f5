// What an environment made from now on serves while the flag is on there, and while it is off.
import { Group, Select, Text } from '@mantine/core';
import * as addresses from '@/lib/addresses';
import { useMay } from '@/lib/may';
import { tellFailure } from '@/lib/told';
import { useChangeFlag } from '../acts';
import type { Flag } from '../questions';
import { labelOf } from '../values';

export function Defaults({ projectKey, flag }: { projectKey: string; flag: Flag }) {
  const resource = addresses.flag(projectKey, flag.key);
  const verdict = useMay({ action: 'updateFlagDefaultVariations', resource });
  const change = useChangeFlag(projectKey, flag.key, 'change the defaults', 'The defaults are changed.');
  const data = flag.variations.map((each, place) => ({ value: String(place), label: labelOf(each) }));
  const set = (parameter: 'onVariationValue' | 'offVariationValue', place: string | null) => {
    const instruction = { kind: 'updateDefaultVariation', [parameter]: flag.variations[Number(place)]?.value };
    change.mutate({ instructions: [instruction] }, { onError: (error) => tellFailure('change the defaults', error) });
  };
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        Environments that exist keep what they serve.
      </Text>
      <Group align="flex-start">
        <Select
          label="Served while on"
          data={data}
          value={String(flag.defaults.onVariation)}
          onChange={(place) => set('onVariationValue', place)}
          allowDeselect={false}
          readOnly={!verdict.allowed}
          description={verdict.allowed ? undefined : verdict.reason}
        />
        <Select
          label="Served while off"
          data={data}
          value={String(flag.defaults.offVariation)}
          onChange={(place) => set('offVariationValue', place)}
          allowDeselect={false}
          readOnly={!verdict.allowed}
          description={verdict.allowed ? undefined : verdict.reason}
        />
      </Group>
    </>
  );
}
