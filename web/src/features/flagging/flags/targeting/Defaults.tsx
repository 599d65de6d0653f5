// What everybody else gets while targeting is on, and what everybody gets while it is off.
import { Select } from '@mantine/core';
import { memo } from 'react';
import { useMay } from '@/lib/may';
import { labelOf } from '../values';
import { isSteady, useEditing } from './editing';
import type { Serve } from './model/draft';
import type { Warning } from './model/warnings';
import { Section } from './Section';
import { ServeField } from './ServeField';

export const DefaultRule = memo(function DefaultRule({
  fallthrough,
  warnings,
}: {
  fallthrough: Serve;
  warnings: Warning[];
}) {
  const { change, deed } = useEditing();
  const may = useMay(deed('updateFallthrough'));
  return (
    <Section
      title="Default rule"
      description="What everybody gets whom no target and no rule speaks of."
      action="updateFallthrough"
      warnings={warnings}
    >
      <ServeField
        label="By default, serve"
        place="fallthrough"
        serve={fallthrough}
        onChange={(serve) => change((before) => ({ ...before, fallthrough: serve }))}
        disabled={!may.allowed}
      />
    </Section>
  );
}, isSteady);

export const OffVariation = memo(function OffVariation({
  variationId,
  warnings,
}: {
  variationId: string;
  warnings: Warning[];
}) {
  const { change, deed, variations } = useEditing();
  const may = useMay(deed('updateOffVariation'));
  return (
    <Section
      title="Off variation"
      description="What everybody gets while targeting is off, or a prerequisite is not met."
      action="updateOffVariation"
      warnings={warnings}
    >
      <Select
        label="While off, serve"
        data={variations.map((each, place) => ({ value: each._id ?? '', label: labelOf(each, place) }))}
        value={variationId || null}
        placeholder="Nothing is set: SDKs serve their own fallback"
        onChange={(id) => id && change((before) => ({ ...before, offVariationId: id }))}
        allowDeselect={false}
        disabled={!may.allowed}
        maw={360}
      />
    </Section>
  );
}, isSteady);
