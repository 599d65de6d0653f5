// How an experiment stands, in a word.
import { Chip, type Tone } from '@/components/Chip';
import type { State } from './listing';

export const STATE_NAMES: Record<State, string> = {
  not_started: 'Not started',
  running: 'Running',
  stopped: 'Stopped',
  archived: 'Archived',
};
const TONES: Record<State, Tone> = { not_started: 'plain', running: 'good', stopped: 'info', archived: 'plain' };

export function StateChip({ state }: { state: State }) {
  return <Chip tone={TONES[state]}>{STATE_NAMES[state]}</Chip>;
}
