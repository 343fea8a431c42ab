import * as React from 'react';
import { usePanel } from '../base/context';
import { FileChip } from './FileChip';

/** A stored file by its id; its name is looked up. */
export function StoredFile(props: { fileId: string }): JSX.Element {
  const { panel } = usePanel();
  const [file, setFile] = React.useState({ filename: props.fileId, bytes: -1 });
  React.useEffect(() => {
    let wanted = true;
    panel.client
      .getFile(props.fileId)
      .then(found => wanted && setFile(found))
      .catch(() => undefined);
    return () => {
      wanted = false;
    };
  }, [panel, props.fileId]);
  return <FileChip file={{ file_id: props.fileId, ...file }} />;
}
