// Whether a metric's events come as it needs them, in words and with what to do.
import type { Schema } from '@/lib/api/client';
import { ago, count, percent } from '@/lib/formats';

export interface Check {
  tone: 'good' | 'warn' | 'bad';
  title: string;
  advice?: string;
}

type Activity = Schema<'EventActivityRep'>;

interface Needs {
  isNumeric: boolean;
  analysisUnits: string[];
  environmentKey: string;
  /** Whether a page sends it, or code. */
  isOfPages: boolean;
}

const SILENT_MS = 24 * 3_600_000;

/** What the activity of a metric's event says; `now` in milliseconds. */
export function healthOf(activity: Activity, needs: Needs, now: number): Check[] {
  if (activity.lastSeen === undefined) return [neverSeen(activity, needs)];
  const checks = [recency(activity, needs, now)];
  if (activity.events === 0) return checks;
  if (needs.isNumeric) checks.push(numbers(activity));
  return [...checks, ...needs.analysisUnits.map((unit) => unitCheck(activity, unit))];
}

function neverSeen({ key, kind }: Activity, { environmentKey, isOfPages }: Needs): Check {
  return {
    tone: 'bad',
    title: isOfPages
      ? `No ${kind} of “${key}” was received in ${environmentKey} so far`
      : `“${key}” was never received in ${environmentKey}`,
    advice: isOfPages
      ? 'Pages report it by themselves once they run an SDK for browsers with the client-side ID below.'
      : 'Check that the code below runs, and that it sends exactly this key: capital letters and spaces count.',
  };
}

function recency({ key, lastSeen = 0 }: Activity, { environmentKey }: Needs, now: number): Check {
  const last = ago(lastSeen, now);
  if (now - lastSeen > SILENT_MS) {
    return {
      tone: 'warn',
      title: `“${key}” last came ${last} to ${environmentKey}`,
      advice: 'If people do use this part, the code may have stopped sending it.',
    };
  }
  return { tone: 'good', title: `“${key}” last came ${last} to ${environmentKey}` };
}

function numbers({ events, withValue }: Activity): Check {
  if (withValue === events) return { tone: 'good', title: 'Every event carries a number' };
  if (withValue === 0) {
    return {
      tone: 'bad',
      title: 'No event carries a number, and this metric measures one',
      advice: 'Send the number as metricValue (the last argument of track in most SDKs), not inside data.',
    };
  }
  return {
    tone: 'warn',
    title: `${count(events - withValue)} of ${count(events)} events carry no number`,
    advice: 'Those are left out of totals and averages.',
  };
}

function unitCheck({ unitKinds, events }: Activity, unit: string): Check {
  const named = unitKinds.find(({ kind }) => kind === unit)?.events ?? 0;
  if (named === events) return { tone: 'good', title: `Every event names a ${unit}` };
  const others = unitKinds.map(({ kind }) => kind).filter((kind) => kind !== unit);
  if (named === 0) {
    return {
      tone: 'bad',
      title: `No event names a ${unit}, only ${others.join(' and ')}`,
      advice: `Experiments that are randomized by ${unit} cannot use it: send the event with a context that has a ${unit}.`,
    };
  }
  return {
    tone: 'warn',
    title: `${percent((events - named) / events)} of the events name no ${unit}`,
    advice: `Those are left out of experiments that are randomized by ${unit}.`,
  };
}
