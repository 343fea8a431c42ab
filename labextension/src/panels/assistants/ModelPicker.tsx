import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { byEndpoint, whyNot } from './modelChoice';
import type { Model } from '../../wire/types';
import { usePanel } from '../../base/context';
import { Field } from '../../base/Field';

export namespace ModelPicker {
  export interface IProps {
    models: Model[];
    value: string;
    problem?: string;
    onChange: (model: string) => void;
  }
}

/** The choice of model, by endpoint. Unusable ones are disabled and say why. */
export function ModelPicker(props: ModelPicker.IProps): JSX.Element {
  const { models, value, problem, onChange } = props;
  const { trans } = usePanel();
  const chosen = models.find(each => each.id === value);
  const why = chosen ? whyNot(chosen) : null;
  const unlisted = value !== '' && value !== 'default' && chosen === undefined;
  const hint =
    why ??
    chosen?.jupyter.advice ??
    (unlisted
      ? trans.__(
          'No endpoint lists this model. Runs may use the default model instead.'
        )
      : chosen?.jupyter.window
        ? trans.__('Window: %1 tokens.', chosen.jupyter.window.toLocaleString())
        : undefined);
  return (
    <Field label={trans.__('Model')} hint={hint} problem={problem}>
      {control => (
        <select
          {...control}
          value={value}
          onChange={event => onChange(event.target.value)}
        >
          <option value="default">{trans.__("The server's default")}</option>
          {unlisted && <option value={value}>{visible(value)}</option>}
          {byEndpoint(models).map(([endpoint, group]) => (
            <optgroup key={endpoint} label={visible(endpoint)}>
              {group.map(model => (
                <option
                  key={model.id}
                  value={model.id}
                  disabled={!model.jupyter.usable && model.id !== value}
                >
                  {visible([model.id, whyNot(model)].filter(Boolean).join(' — '))}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      )}
    </Field>
  );
}
