// One experiment: how it stands, what to do next, and everything about it in tabs.
import { Tabs } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Answer } from '@/components/Answer';
import { Waiting } from '@/components/Notices';
import { Page } from '@/components/Page';
import { DesignTab } from './DesignTab';
import { ExperimentActions } from './ExperimentActions';
import { IterationsTab } from './IterationsTab';
import { OverviewTab } from './OverviewTab';
import { experimentsPath } from './paths';
import { type Experiment, useExperiment } from './questions';
import { experimentRoute, TABS, type Tab } from './routes';
import { StateChip } from './StateChip';
import { stateOf } from './standing';

const ResultsTab = lazy(() => import('./results/ResultsTab').then((found) => ({ default: found.ResultsTab })));

const TITLES: Record<Tab, string> = {
  overview: 'Overview',
  results: 'Results',
  design: 'Design',
  iterations: 'Iterations',
};

export function ExperimentPage() {
  const { experimentKey, ...place } = experimentRoute.useParams();
  const experiment = useExperiment(place, experimentKey);
  const crumbs = [{ label: 'Experiments', to: experimentsPath(place) }];
  const known = experiment.data;
  return (
    <Page
      title={known?.name ?? experimentKey}
      crumbs={crumbs}
      status={known && <StateChip state={stateOf(known)} />}
      description={known?.description}
      actions={known && <ExperimentActions place={place} experiment={known} />}
    >
      <Answer of={experiment} what="the experiment">
        {(found) => <ExperimentTabs experiment={found} />}
      </Answer>
    </Page>
  );
}

function ExperimentTabs({ experiment }: { experiment: Experiment }) {
  const { experimentKey, ...place } = experimentRoute.useParams();
  const { tab = 'overview' } = experimentRoute.useSearch();
  const navigate = experimentRoute.useNavigate();
  const open = (to: Tab, iteration?: string) =>
    void navigate({ search: { ...(to === 'overview' ? {} : { tab: to }), ...(iteration ? { iteration } : {}) } });
  return (
    <Tabs value={tab} onChange={(to) => to && open(to as Tab)} keepMounted={false}>
      <Tabs.List mb="lg">
        {TABS.map((each) => (
          <Tabs.Tab key={each} value={each}>
            {TITLES[each]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="overview">
        <OverviewTab place={place} experiment={experiment} onOpen={open} />
      </Tabs.Panel>
      <Tabs.Panel value="results">
        <Suspense fallback={<Waiting what="the results" />}>
          <ResultsTab {...place} experimentKey={experimentKey} />
        </Suspense>
      </Tabs.Panel>
      <Tabs.Panel value="design">
        <DesignTab place={place} experiment={experiment} />
      </Tabs.Panel>
      <Tabs.Panel value="iterations">
        <IterationsTab place={place} experiment={experiment} onResults={(iteration) => open('results', iteration)} />
      </Tabs.Panel>
    </Tabs>
  );
}
