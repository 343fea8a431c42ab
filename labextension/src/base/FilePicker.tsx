import { fileUploadIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { IconButton } from './IconButton';

export namespace FilePicker {
  export interface IProps {
    label: string;
    onPick: (files: File[]) => unknown;
    disabled?: boolean;
    /** Show the label beside the icon. */
    wide?: boolean;
    /** Label of the hidden input, if it differs from the button's. */
    inputLabel?: string;
  }
}

/** A button that lets a person choose files of their computer. */
export function FilePicker(props: FilePicker.IProps): JSX.Element {
  const { label, onPick, disabled, wide, inputLabel = label } = props;
  const input = React.useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={inputLabel}
        onChange={event => {
          const files = [...(event.target.files ?? [])];
          event.target.value = '';
          if (files.length > 0) {
            void onPick(files);
          }
        }}
      />
      <IconButton
        icon={fileUploadIcon}
        label={label}
        disabled={disabled}
        onClick={() => input.current?.click()}
        wide={wide}
      />
    </>
  );
}
