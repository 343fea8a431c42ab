import * as React from 'react';
import { CommandIDs } from '../../commands';
import { usePanel } from '../../base/context';
import { ErrorNote } from '../../base/ErrorNote';
import { DefaultModel, EndpointRow } from '../endpoints/view';
import { useModel } from '../../base/useModel';

/** The empty thread: an introduction, and ways to connect a model while the demo is the default. */
export function Welcome(): JSX.Element {
  const { panel, trans, actions } = usePanel();
  const { endpoints } = panel;
  useModel(endpoints);
  useModel(panel.notebooks);
  useModel(panel.preferences);
  React.useEffect(() => void endpoints.loadOnce(), [endpoints]);
  return (
    <div className="jp-Assistants-welcome">
      <p>
        {trans.__('Ask about your data.')} <CodePlace />
      </p>
      {endpoints.onlyDemo && (
        <section className="jp-Assistants-first" aria-label={trans.__('First steps')}>
          <DefaultModel />
          {endpoints.offered.length > 0 && (
            <>
              <p>{trans.__('Models found on this machine and among your keys:')}</p>
              <ul className="jp-Assistants-endpoints">
                {endpoints.offered.map(each => (
                  <EndpointRow key={each.id} endpoint={each} />
                ))}
              </ul>
            </>
          )}
          <ErrorNote error={endpoints.error} />
          <div className="jp-Assistants-buttons">
            <button
              type="button"
              onClick={() => void panel.send({ content: trans.__('What can you do?') })}
            >
              {trans.__('Try the demo')}
            </button>
            <button
              type="button"
              onClick={() =>
                actions.execute(CommandIDs.openPlayground, { tab: 'start' })
              }
            >
              {trans.__('Connect a model and check your setup')}
            </button>
          </div>
        </section>
      )}
    </div>
  );
}

/** Where code of a new thread runs, and whether it waits for the person. */
function CodePlace(): JSX.Element {
  const { panel, trans } = usePanel();
  const asks = panel.preferences.values.approval === 'ask';
  if (panel.codePlace !== null) {
    return (
      <>
        {asks
          ? trans.__('Code runs in your notebook after you approve it.')
          : trans.__('Code runs in your notebook, without asking you.')}
      </>
    );
  }
  return (
    <>
      {asks
        ? trans.__(
            'Without a notebook, code runs in a kernel of the thread: in a sandbox, or after you approve it.'
          )
        : trans.__(
            'Without a notebook, code runs in a kernel of the thread, without asking you.'
          )}
    </>
  );
}
