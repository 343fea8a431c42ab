import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

export namespace IconButton {
  export interface IProps {
    icon: LabIcon;
    /** Accessible name and tooltip. */
    label: string;
    onClick: (event: React.MouseEvent) => void;
    disabled?: boolean;
    pressed?: boolean;
    /** Kind of popup that it opens. */
    popup?: 'menu' | 'dialog';
    /** Show the label beside the icon. */
    wide?: boolean;
  }
}

/** A button with an icon and an accessible name. */
export function IconButton(props: IconButton.IProps): JSX.Element {
  const { icon, label, onClick, disabled, pressed, popup, wide } = props;
  return (
    <button
      type="button"
      className="jp-Assistants-iconButton"
      title={label}
      aria-label={wide ? undefined : label}
      aria-pressed={pressed}
      aria-haspopup={popup}
      disabled={disabled}
      onClick={onClick}
    >
      <icon.react tag="span" aria-hidden="true" />
      {wide && <span>{label}</span>}
    </button>
  );
}
