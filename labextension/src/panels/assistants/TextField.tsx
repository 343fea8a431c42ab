import * as React from 'react';
import { usePanel } from '../../base/context';
import { Field } from '../../base/Field';
import { EditorModel } from './editor';
import { problemOf } from './problemText';

export namespace TextField {
  export interface IProps {
    model: EditorModel;
    name: 'name' | 'description' | 'instructions' | 'temperature' | 'topP';
    label: string;
    hint?: string;
    /** Lines of the field; one line without it. */
    rows?: number;
    inputMode?: 'decimal';
  }
}

/** A field of the form that is edited as text, with its problem. */
export function TextField(props: TextField.IProps): JSX.Element {
  const { model, name, label, hint, rows, inputMode } = props;
  const { trans } = usePanel();
  const value = model.form[name];
  const onChange = (
    event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>
  ): void => model.change({ [name]: event.target.value });
  return (
    <Field
      label={label}
      hint={hint}
      problem={problemOf(model.problems, name, trans)}
      text={value}
    >
      {control =>
        rows ? (
          <textarea {...control} rows={rows} value={value} onChange={onChange} />
        ) : (
          <input {...control} inputMode={inputMode} value={value} onChange={onChange} />
        )
      }
    </Field>
  );
}
