import * as React from 'react';
import { AssistantForm, FormatKind } from './form';
import { usePanel } from '../../base/context';
import { Field } from '../../base/Field';

export namespace ResponseFormatField {
  export interface IProps {
    format: FormatKind;
    schema: string;
    problem?: string;
    onChange: (fields: Partial<AssistantForm>) => void;
  }
}

/** The choice of response format, with the schema where there is one. */
export function ResponseFormatField(props: ResponseFormatField.IProps): JSX.Element {
  const { format, schema, problem, onChange } = props;
  const { trans } = usePanel();
  const names: Record<FormatKind, string> = {
    auto: trans.__('Automatic'),
    text: trans.__('Text'),
    json_object: trans.__('A JSON object'),
    json_schema: trans.__('JSON with a schema')
  };
  return (
    <>
      <Field
        label={trans.__('Response format')}
        hint={
          format === 'json_object'
            ? trans.__('Describe the JSON you want in the instructions.')
            : undefined
        }
      >
        {control => (
          <select
            {...control}
            value={format}
            onChange={event => onChange({ format: event.target.value as FormatKind })}
          >
            {Object.entries(names).map(([kind, name]) => (
              <option key={kind} value={kind}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      {format === 'json_schema' && (
        <Field label={trans.__('Schema')} problem={problem} text={schema}>
          {control => (
            <textarea
              {...control}
              className="jp-Assistants-json"
              spellCheck={false}
              rows={Math.min(schema.split('\n').length + 1, 20)}
              value={schema}
              onChange={event => onChange({ schema: event.target.value })}
            />
          )}
        </Field>
      )}
    </>
  );
}
