import * as React from 'react';

export namespace CheckField {
  export interface IProps {
    label: string;
    hint: string;
    checked: boolean;
    onChange: (checked: boolean) => void;
  }
}

/** A check box with a label and a hint beside it. */
export function CheckField(props: CheckField.IProps): JSX.Element {
  return (
    <label className="jp-Assistants-check">
      <input
        type="checkbox"
        checked={props.checked}
        onChange={event => props.onChange(event.target.checked)}
      />
      <span>{props.label}</span>
      <span className="jp-Assistants-note">{props.hint}</span>
    </label>
  );
}
