import * as React from 'react';
import { visible } from '../base/hiddenCharacters';
import { Citation } from './citations';
import { usePanel } from '../base/context';

/** The sources of an answer; each opens its file at the cited location. */
export function Citations(props: { citations: Citation[] }): JSX.Element | null {
  const { trans, actions } = usePanel();
  if (props.citations.length === 0) {
    return null;
  }
  return (
    <ol className="jp-Assistants-citations" aria-label={trans.__('Sources')}>
      {props.citations.map(each => (
        <li key={each.number} value={each.number}>
          <button
            type="button"
            title={visible(each.quote)}
            onClick={() => actions.openView(each.fileId, each.start, each.end)}
          >
            <CitedName fileId={each.fileId} />
            {each.label && `, ${visible(each.label)}`}
          </button>
        </li>
      ))}
    </ol>
  );
}

function CitedName(props: { fileId: string }): JSX.Element {
  const { panel } = usePanel();
  const [name, setName] = React.useState(props.fileId);
  React.useEffect(() => {
    let wanted = true;
    panel.client
      .getFile(props.fileId)
      .then(file => wanted && setName(file.filename))
      .catch(() => undefined);
    return () => {
      wanted = false;
    };
  }, [panel, props.fileId]);
  return <>{visible(name)}</>;
}
