import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import type { ListedEndpoint } from '../../wire/types';
import { usePanel } from '../../base/context';
import { useModel } from '../../base/useModel';

/** The model that answers by default. */
export function DefaultModel(): JSX.Element {
  const { panel, trans } = usePanel();
  const { endpoints } = panel;
  useModel(endpoints);
  const model = endpoints.defaultModel;
  if (model === null) {
    return <p className="jp-Assistants-note">{trans.__('Checking …')}</p>;
  }
  return endpoints.onlyDemo ? (
    <p>
      {trans.__(
        'You are using the demo model. It follows fixed rules, needs no key, and works offline.'
      )}
    </p>
  ) : (
    <p>{trans.__('Default model: %1', visible(model.id))}</p>
  );
}

/** Endpoints to connect or disconnect with one click; absent ones are folded. */
export function EndpointList(): JSX.Element {
  const { panel, trans } = usePanel();
  const { endpoints } = panel;
  useModel(endpoints);
  const { connected, offered, absent } = endpoints;
  return (
    <>
      <ul className="jp-Assistants-endpoints" aria-label={trans.__('Endpoints')}>
        {[...connected, ...offered].map(each => (
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

/** One endpoint, what is known of it, and its button. */
export function EndpointRow(props: { endpoint: ListedEndpoint }): JSX.Element {
  const { endpoint } = props;
  const { trans } = usePanel();
  const place = endpoint.local
    ? trans.__('on this machine')
    : endpoint.by === 'plugin'
      ? trans.__('from a plug-in')
      : visible(endpoint.host ?? '');
  return (
    <li className="jp-Assistants-endpoint" data-status={endpoint.status}>
      <div>
        <strong>{visible(endpoint.title || endpoint.id)}</strong>{' '}
        {place && <span className="jp-Assistants-note">{place}</span>}
        {endpoint.default_model && (
          <div className="jp-Assistants-note">{visible(endpoint.default_model)}</div>
        )}
        {endpoint.why && endpoint.status === 'absent' && (
          <div className="jp-Assistants-note">{visible(endpoint.why)}</div>
        )}
      </div>
      <ConnectButton endpoint={endpoint} />
    </li>
  );
}

/** Connects an offered endpoint; disconnects one that a person connected. */
function ConnectButton(props: { endpoint: ListedEndpoint }): JSX.Element | null {
  const { endpoint } = props;
  const { panel, trans } = usePanel();
  const { endpoints, doctor } = panel;
  const name = visible(endpoint.title || endpoint.id);
  const change = async (verb: 'connect' | 'disconnect'): Promise<void> => {
    if (await endpoints[verb](endpoint.id)) {
      const checked = doctor.checks === null ? null : doctor.check();
      await Promise.all([panel.assistants.load(), checked]);
    }
  };
  if (endpoint.status === 'absent') {
    return null;
  }
  if (endpoint.status === 'offered') {
    return (
      <button
        type="button"
        className="jp-mod-accept"
        disabled={endpoints.doing !== ''}
        onClick={() => void change('connect')}
      >
        {endpoints.doing === endpoint.id
          ? trans.__('Connecting …')
          : trans.__('Connect %1', name)}
      </button>
    );
  }
  return (
    <span>
      {trans.__('Connected')}
      {endpoint.by === 'person' && (
        <button
          type="button"
          disabled={endpoints.doing !== ''}
          onClick={() => void change('disconnect')}
        >
          {trans.__('Disconnect %1', name)}
        </button>
      )}
    </span>
  );
}
