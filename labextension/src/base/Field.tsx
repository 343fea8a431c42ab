import * as React from 'react';
import { HiddenCharacters } from './HiddenCharacters';

export namespace Field {
  export interface IProps {
    label: string;
    /** Help below the control. */
    hint?: React.ReactNode;
    /** Problem, shown in place of the hint. */
    problem?: string;
    /** Its text, to name hidden characters in it. */
    text?: string;
    /** Draws the control with the attributes that tie it to its label and note. */
    children: (control: ControlProps) => React.ReactNode;
  }

  export interface ControlProps {
    id: string;
    'aria-describedby': string | undefined;
    'aria-invalid': boolean;
  }
}

/** A labelled control with a hint or its problem. */
export function Field(props: Field.IProps): JSX.Element {
  const { label, hint, problem, text, children } = props;
  const id = `jp-Assistants-field${React.useId()}`;
  const noteId = `${id}-note`;
  const control = {
    id,
    'aria-describedby': hint || problem ? noteId : undefined,
    'aria-invalid': Boolean(problem)
  };
  return (
    <div className="jp-Assistants-field">
      <label htmlFor={id}>{label}</label>
      {children(control)}
      {(hint || problem) && (
        <div
          id={noteId}
          className={problem ? 'jp-Assistants-problem' : 'jp-Assistants-note'}
        >
          {problem || hint}
        </div>
      )}
      {text && <HiddenCharacters text={text} />}
    </div>
  );
}
