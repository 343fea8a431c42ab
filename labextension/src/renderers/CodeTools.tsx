import { addBelowIcon, copyIcon, pasteIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { usePanel } from '../base/context';
import { IconButton } from '../base/IconButton';
import { ItemActions } from '../base/ItemActions';

/** Buttons that copy code or put it into a cell. */
export function CodeTools(props: { code: string }): JSX.Element {
  const { panel, trans, actions } = usePanel();
  const { code } = props;
  return (
    <ItemActions label={trans.__('Code')}>
      <IconButton
        icon={copyIcon}
        label={trans.__('Copy code')}
        onClick={() => actions.copy(code)}
      />
      {panel.notebooks.current && (
        <>
          <IconButton
            icon={addBelowIcon}
            label={trans.__('Insert as cell')}
            onClick={() => actions.insertCell(code)}
          />
          <IconButton
            icon={pasteIcon}
            label={trans.__('Apply to the selected cell')}
            onClick={() => void actions.applyToCell(code)}
          />
        </>
      )}
    </ItemActions>
  );
}
