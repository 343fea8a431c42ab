import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { shownName } from '../../base/names';
import { usePanel } from '../../base/context';
import { useModel } from '../../base/useModel';

/** The choice of assistant and model. */
export function Pickers(): JSX.Element {
  const { panel, trans } = usePanel();
  const { assistants } = panel;
  useModel(assistants);
  const usable = assistants.models.filter(model => model.jupyter?.usable !== false);
  const own = assistants.current?.model;
  const first = usable[0]?.id ?? '';
  const standard = own && own !== 'default' ? own : first;
  return (
    <>
      {assistants.assistants.length > 1 && (
        <select
          className="jp-Assistants-picker"
          aria-label={trans.__('Assistant')}
          title={trans.__('Assistant')}
          value={assistants.current?.id ?? ''}
          onChange={event => assistants.choose(event.target.value)}
        >
          {assistants.assistants.map(each => (
            <option key={each.id} value={each.id}>
              {shownName(each)}
            </option>
          ))}
        </select>
      )}
      <select
        className="jp-Assistants-picker"
        aria-label={trans.__('Model')}
        title={trans.__('Model')}
        value={assistants.model}
        onChange={event => assistants.chooseModel(event.target.value)}
      >
        <option value="">{visible(standard) || trans.__('default model')}</option>
        {usable
          .filter(model => model.id !== standard)
          .map(model => (
            <option key={model.id} value={model.id}>
              {visible(model.id)}
            </option>
          ))}
      </select>
    </>
  );
}
