import * as React from 'react';
import { visible } from '../../base/hidden';
import { PlaygroundModel } from '../playground/model';
import type { Check } from '../../wire/types';
import { usePanel } from '../../base/context';
import { ErrorNote } from '../../base/ErrorNote';
import { useModel } from '../../base/useModel';
import { EndpointList } from '../endpoints/view';

/** The first-run page: what answers, what could, and whether everything is in order. */
export function StartTab(_: { model: PlaygroundModel }): JSX.Element {
  const { panel, trans } = usePanel();
  const { setup } = panel;
  useModel(setup);
  React.useEffect(() => void setup.look(), [setup]);
  return (
    <div className="jp-Assistants-main">
      <ErrorNote error={setup.error} />
      <section aria-labelledby="jp-Assistants-models">
        <h2 id="jp-Assistants-models">{trans.__('What answers')}</h2>
        <Answering />
        <EndpointList />
      </section>
      <section aria-labelledby="jp-Assistants-checks" aria-busy={setup.doing !== ''}>
        <h2 id="jp-Assistants-checks">{trans.__('Is everything in order?')}</h2>
        {setup.checks === null && setup.error === null && (
          <p role="status">{trans.__('Looking …')}</p>
        )}
        <ul className="jp-Assistants-checks">
          {(setup.checks ?? []).map(each => (
            <CheckRow key={`${each.id} ${each.title}`} check={each} />
          ))}
        </ul>
        <div className="jp-Assistants-buttons">
          <button
            type="button"
            disabled={setup.doing !== ''}
            onClick={() => void setup.look()}
          >
            {trans.__('Look again')}
          </button>
          <button
            type="button"
            disabled={setup.doing !== ''}
            onClick={() => void setup.tryForReal()}
          >
            {trans.__('Try a kernel and the model for real')}
          </button>
          <span role="status" className="jp-Assistants-note">
            {setup.doing === 'try'
              ? trans.__('Trying; this takes up to a minute …')
              : setup.doing === 'look' && setup.checks !== null
                ? trans.__('Looking …')
                : ''}
          </span>
        </div>
      </section>
    </div>
  );
}

/** Which model answers where nobody names one. */
export function Answering(): JSX.Element {
  const { panel, trans } = usePanel();
  const { setup } = panel;
  useModel(setup);
  const model = setup.defaultModel;
  if (model === null) {
    return <p className="jp-Assistants-note">{trans.__('Looking …')}</p>;
  }
  return setup.onlyDemo ? (
    <p>
      {trans.__(
        'The demo answers: rules, not an AI. It needs no key and sends nothing anywhere.'
      )}
    </p>
  ) : (
    <p>{trans.__('%1 answers.', visible(model.id))}</p>
  );
}

function CheckRow(props: { check: Check }): JSX.Element {
  const { check } = props;
  const { trans } = usePanel();
  const words = {
    ok: trans.__('In order'),
    warning: trans.__('Warning'),
    problem: trans.__('Problem')
  };
  const marks = { ok: '✓', warning: '!', problem: '✗' };
  return (
    <li className="jp-Assistants-checkRow" data-status={check.status}>
      <span className="jp-Assistants-mark" role="img" aria-label={words[check.status]}>
        {marks[check.status]}
      </span>
      <div>
        <strong>{visible(check.title)}</strong> <span>{visible(check.detail)}</span>
        {check.remedy && (
          <div className="jp-Assistants-remedy">{visible(check.remedy)}</div>
        )}
      </div>
    </li>
  );
}
