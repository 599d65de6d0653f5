// What every step of a design is given.
import type { Design } from '../design';
import type { Field } from '../draft';
import type { Place } from '../paths';

export interface StepProps {
  place: Place;
  design: Design;
  change: (next: Partial<Design>) => void;
  /** What is wrong or missing, as far as it is to be shown by now. */
  problems: Partial<Record<Field, string>>;
  /** The experiment being changed, where it is there already. */
  experimentKey?: string;
}
