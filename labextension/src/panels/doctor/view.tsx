import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { PlaygroundModel } from '../playground/model';
import type { Check } from '../../wire/types';
import { usePanel } from '../../base/context';
import { ErrorNote } from '../../base/ErrorNote';
import { useModel } from '../../base/useModel';
import { DefaultModel, EndpointList } from '../endpoints/view';

/** The first-run page: the default model, the endpoints, and the doctor's checks. */
export function StartTab(_: { model: PlaygroundModel }): JSX.Element {
  const { panel, trans } = usePanel();
  const { doctor, endpoints } = panel;
  useModel(doctor);
  useModel(endpoints);
  const check = React.useCallback(
    () => void Promise.all([doctor.check(), endpoints.load()]),
    [doctor, endpoints]
  );
  React.useEffect(check, [check]);
  return (
    <div className="jp-Assistants-main">
      <ErrorNote error={doctor.error ?? endpoints.error} />
      <section aria-labelledby="jp-Assistants-models">
        <h2 id="jp-Assistants-models">{trans.__('Model')}</h2>
        <DefaultModel />
        <EndpointList />
      </section>
      <section aria-labelledby="jp-Assistants-checks" aria-busy={doctor.doing !== ''}>
        <h2 id="jp-Assistants-checks">{trans.__('Checks')}</h2>
        {doctor.checks === null && doctor.error === null && (
          <p role="status">{trans.__('Checking …')}</p>
        )}
        <ul className="jp-Assistants-checks">
          {(doctor.checks ?? []).map(each => (
            <CheckRow key={`${each.id} ${each.title}`} check={each} />
          ))}
        </ul>
        <div className="jp-Assistants-buttons">
          <button type="button" disabled={doctor.doing !== ''} onClick={check}>
            {trans.__('Check again')}
          </button>
          <button
            type="button"
            disabled={doctor.doing !== ''}
            onClick={() => void doctor.checkForReal()}
          >
            {trans.__('Run a kernel and call the model')}
          </button>
          <span role="status" className="jp-Assistants-note">
            {doctor.doing === 'try'
              ? trans.__('Running; this takes up to a minute …')
              : doctor.doing === 'check' && doctor.checks !== null
                ? trans.__('Checking …')
                : ''}
          </span>
        </div>
      </section>
    </div>
  );
}

function CheckRow(props: { check: Check }): JSX.Element {
  const { check } = props;
  const { trans } = usePanel();
  const words = {
    ok: trans.__('OK'),
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
