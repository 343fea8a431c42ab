import { closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { usePanel } from '../../base/context';
import { IconButton } from '../../base/IconButton';
import { FilePicker } from '../../base/FilePicker';

export namespace ResourceList {
  export interface IProps {
    label: string;
    chosen: string[];
    choices: { id: string; name: string }[];
    addLabel: string;
    onChange: (chosen: string[]) => void;
    /** Largest number of resources. */
    most?: number;
    /** Uploads files and returns their ids. */
    onUpload?: (files: File[]) => Promise<string[]>;
  }
}

/** The files or vector stores of a tool. */
export function ResourceList(props: ResourceList.IProps): JSX.Element {
  const { label, chosen, choices, addLabel, onChange, most = 20, onUpload } = props;
  const { trans } = usePanel();
  const nameOf = (id: string): string =>
    visible(choices.find(each => each.id === id)?.name ?? id);
  const left = choices.filter(each => !chosen.includes(each.id));
  return (
    <div className="jp-Assistants-resources" role="group" aria-label={label}>
      <ul>
        {chosen.map(id => (
          <li key={id} className="jp-Assistants-chip" title={id}>
            {nameOf(id)}
            <IconButton
              icon={closeIcon}
              label={trans.__('Remove %1', nameOf(id))}
              onClick={() => onChange(chosen.filter(each => each !== id))}
            />
          </li>
        ))}
      </ul>
      {chosen.length < most && (
        <div className="jp-Assistants-buttons">
          {left.length > 0 && (
            <select
              aria-label={addLabel}
              value=""
              onChange={event => onChange([...chosen, event.target.value])}
            >
              <option value="">{addLabel}</option>
              {left.map(each => (
                <option key={each.id} value={each.id}>
                  {visible(each.name)}
                </option>
              ))}
            </select>
          )}
          {onUpload && (
            <FilePicker
              label={trans.__('Upload')}
              wide
              onPick={async files => onChange([...chosen, ...(await onUpload(files))])}
            />
          )}
          {left.length === 0 && !onUpload && chosen.length === 0 && (
            <span className="jp-Assistants-note">
              {trans.__('None yet. Create one on the Files tab.')}
            </span>
          )}
        </div>
      )}
    </div>
  );
}
