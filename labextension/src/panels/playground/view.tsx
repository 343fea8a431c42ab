import * as React from 'react';
import { PlaygroundModel, Tab, TABS } from './model';
import { usePanel } from '../../base/context';
import { useModel } from '../../base/useModel';
import { AssistantsTab } from '../assistants/view';
import { FilesTab } from '../files/view';
import { RunsTab } from '../runs/view';
import { StartTab } from '../doctor/view';

const VIEWS: Record<Tab, (props: { model: PlaygroundModel }) => JSX.Element> = {
  start: StartTab,
  assistants: AssistantsTab,
  runs: RunsTab,
  files: FilesTab
};

/** The playground and its tabs. */
export function Playground(props: { model: PlaygroundModel }): JSX.Element {
  const { model } = props;
  const { trans } = usePanel();
  useModel(model);
  const labels: Record<Tab, string> = {
    start: trans.__('Start'),
    assistants: trans.__('Assistants'),
    runs: trans.__('Runs'),
    files: trans.__('Files')
  };
  const View = VIEWS[model.tab];
  return (
    <div className="jp-Assistants-playground">
      <TabList
        label={trans.__('Playground')}
        labels={labels}
        current={model.tab}
        onChoose={tab => model.show(tab)}
      />
      <div
        role="tabpanel"
        id="jp-Assistants-tabpanel"
        className="jp-Assistants-tabpanel"
        aria-labelledby={`jp-Assistants-tab-${model.tab}`}
        tabIndex={0}
      >
        <View model={model} />
      </div>
    </div>
  );
}

interface TabListProps {
  label: string;
  labels: Record<Tab, string>;
  current: Tab;
  onChoose: (tab: Tab) => void;
}

/** A tab list with arrow key navigation. */
function TabList(props: TabListProps): JSX.Element {
  const { label, labels, current, onChoose } = props;
  const list = React.useRef<HTMLDivElement>(null);
  const move = (event: React.KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 };
    const place = TABS.indexOf(current);
    const ends: Record<string, number> = { Home: 0, End: TABS.length - 1 };
    const step = steps[event.key];
    const next = step
      ? (place + step + TABS.length) % TABS.length
      : (ends[event.key] ?? -1);
    if (next >= 0) {
      event.preventDefault();
      onChoose(TABS[next]);
      (list.current?.children[next] as HTMLElement | undefined)?.focus();
    }
  };
  return (
    <div
      ref={list}
      role="tablist"
      aria-label={label}
      className="jp-Assistants-tabs"
      onKeyDown={move}
    >
      {TABS.map(tab => (
        <button
          key={tab}
          type="button"
          role="tab"
          id={`jp-Assistants-tab-${tab}`}
          aria-selected={tab === current}
          aria-controls={tab === current ? 'jp-Assistants-tabpanel' : undefined}
          tabIndex={tab === current ? 0 : -1}
          onClick={() => onChoose(tab)}
        >
          {labels[tab]}
        </button>
      ))}
    </div>
  );
}
