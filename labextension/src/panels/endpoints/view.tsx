import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import type { ListedEndpoint } from '../../wire/types';
import { usePanel } from '../../base/context';
import { useModel } from '../../base/useModel';

/** Endpoints to connect or disconnect with one click; absent ones are folded. */
export function EndpointList(): JSX.Element {
  const { panel, trans } = usePanel();
  const { doctor } = panel;
  useModel(doctor);
  const absent = doctor.endpoints.filter(each => each.status === 'absent');
  const present = [...doctor.connected, ...doctor.offered];
  return (
    <>
      <ul className="jp-Assistants-endpoints" aria-label={trans.__('Endpoints')}>
        {present.map(each => (
          <EndpointRow key={each.id} endpoint={each} />
        ))}
      </ul>
      {absent.length > 0 && (
        <details className="jp-Assistants-section">
          <summary>
            {trans._n('%1 other endpoint', '%1 other endpoints', absent.length)}
          </summary>
          <ul className="jp-Assistants-endpoints">
            {absent.map(each => (
              <EndpointRow key={each.id} endpoint={each} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** One endpoint and its button. */
export function EndpointRow(props: { endpoint: ListedEndpoint }): JSX.Element {
  const { endpoint } = props;
  const { panel, trans } = usePanel();
  const { doctor } = panel;
  const name = visible(endpoint.title || endpoint.id);
  const change = async (verb: 'connect' | 'disconnect'): Promise<void> => {
    if (await doctor[verb](endpoint.id)) {
      await panel.assistants.load();
    }
  };
  return (
    <li className="jp-Assistants-endpoint" data-status={endpoint.status}>
      <div>
        <strong>{name}</strong>{' '}
        {endpoint.host && (
          <span className="jp-Assistants-note">
            {endpoint.local ? trans.__('on this machine') : visible(endpoint.host)}
          </span>
        )}
        {endpoint.default_model && (
          <div className="jp-Assistants-note">{visible(endpoint.default_model)}</div>
        )}
        {endpoint.why && endpoint.status === 'absent' && (
          <div className="jp-Assistants-note">{visible(endpoint.why)}</div>
        )}
      </div>
      {endpoint.status === 'offered' && (
        <button
          type="button"
          className="jp-mod-accept"
          disabled={doctor.doing !== ''}
          onClick={() => void change('connect')}
        >
          {doctor.doing === endpoint.id
            ? trans.__('Connecting …')
            : trans.__('Connect %1', name)}
        </button>
      )}
      {endpoint.status === 'connected' && (
        <span>
          {trans.__('Connected')}
          {endpoint.by === 'person' && (
            <button
              type="button"
              disabled={doctor.doing !== ''}
              onClick={() => void change('disconnect')}
            >
              {trans.__('Disconnect %1', name)}
            </button>
          )}
        </span>
      )}
    </li>
  );
}
