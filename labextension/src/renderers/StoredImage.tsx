import * as React from 'react';
import { usePanel } from '../base/context';

/** An image that is a file of this server. */
export function StoredImage(props: { fileId: string; alt?: string }): JSX.Element {
  const { panel, trans } = usePanel();
  const [address, setAddress] = React.useState('');
  React.useEffect(() => {
    const reading = new AbortController();
    let made = '';
    panel.client
      .fileContent(props.fileId, reading.signal)
      .then(blob => {
        made = URL.createObjectURL(blob);
        setAddress(made);
      })
      .catch(() => undefined);
    return () => {
      reading.abort();
      URL.revokeObjectURL(made);
    };
  }, [panel, props.fileId]);
  const alt = props.alt ?? trans.__('Image');
  return address ? (
    <img className="jp-Assistants-image" src={address} alt={alt} />
  ) : (
    <span className="jp-Assistants-empty">{alt} …</span>
  );
}
