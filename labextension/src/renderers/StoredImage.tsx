import * as React from 'react';
import { usePanel } from '../base/context';

/** A stored image file. */
export function StoredImage(props: { fileId: string; alt?: string }): JSX.Element {
  const { panel, trans } = usePanel();
  const [address, setAddress] = React.useState('');
  React.useEffect(() => {
    const reading = new AbortController();
    let created = '';
    panel.client
      .fileContent(props.fileId, reading.signal)
      .then(blob => {
        created = URL.createObjectURL(blob);
        setAddress(created);
      })
      .catch(() => undefined);
    return () => {
      reading.abort();
      URL.revokeObjectURL(created);
    };
  }, [panel, props.fileId]);
  const alt = props.alt ?? trans.__('Image');
  return address ? (
    <img className="jp-Assistants-image" src={address} alt={alt} />
  ) : (
    <span className="jp-Assistants-empty">{alt} …</span>
  );
}
