import { fileUploadIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { IconButton } from '../IconButton';

/** A button that lets a person choose files of their computer. */
export function FilePicker(props: {
  label: string;
  onPick: (files: File[]) => unknown;
  disabled?: boolean;
}): JSX.Element {
  const input = React.useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={props.label}
        onChange={event => {
          const files = [...(event.target.files ?? [])];
          event.target.value = '';
          if (files.length > 0) {
            void props.onPick(files);
          }
        }}
      />
      <IconButton
        icon={fileUploadIcon}
        label={props.label}
        disabled={props.disabled}
        onClick={() => input.current?.click()}
        wide
      />
    </>
  );
}
