import * as React from 'react';
import { CommandIDs } from '../../commands';
import { usePanel } from '../../base/context';
import { ErrorNote } from '../../base/ErrorNote';
import { EndpointRow } from '../endpoints/view';
import { Answering } from '../doctor/view';
import { useModel } from '../../base/useModel';

/** What an empty thread says: what one can do here, and, as long as only the demo answers, how to get a model. */
export function Welcome(): JSX.Element {
  const { panel, trans, actions } = usePanel();
  const { setup } = panel;
  useModel(setup);
  React.useEffect(() => void setup.glance(), [setup]);
  return (
    <div className="jp-Assistants-welcome">
      <p>
        {trans.__(
          'Ask about your data. Code runs in your notebook, after you approved it.'
        )}
      </p>
      {setup.onlyDemo && (
        <section className="jp-Assistants-first" aria-label={trans.__('First steps')}>
          <Answering />
          {setup.offered.length > 0 && (
            <>
              <p>{trans.__('These models were found here:')}</p>
              <ul className="jp-Assistants-endpoints">
                {setup.offered.map(each => (
                  <EndpointRow key={each.id} endpoint={each} />
                ))}
              </ul>
            </>
          )}
          <ErrorNote error={setup.error} />
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
              {trans.__('Connect a model, check everything')}
            </button>
          </div>
        </section>
      )}
    </div>
  );
}
