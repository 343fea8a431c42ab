import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { usePanel } from '../../base/context';
import { useModel } from '../../base/useModel';
import { Field } from '../../base/Field';

/** The choice of a thread, the panel's open one first. */
export function ThreadPicker(props: {
  value: string;
  onChange: (thread: string) => void;
}): JSX.Element {
  const { panel, trans } = usePanel();
  const { threads } = panel;
  useModel(threads);
  useModel(panel);
  React.useEffect(() => void threads.load(''), [threads]);
  const listed = threads.threads;
  const open = panel.thread?.thread;
  const all =
    open && !listed.some(each => each.id === open.id) ? [open, ...listed] : listed;
  const known = props.value === '' || all.some(each => each.id === props.value);
  return (
    <Field label={trans.__('Thread')}>
      {control => (
        <select
          {...control}
          value={props.value}
          onChange={event => props.onChange(event.target.value)}
        >
          <option value="">{trans.__('Choose a thread …')}</option>
          {!known && <option value={props.value}>{visible(props.value)}</option>}
          {all.map(each => (
            <option key={each.id} value={each.id}>
              {visible(each.metadata.title || each.id)}
              {each.id === open?.id ? ` (${trans.__('open in the panel')})` : ''}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
