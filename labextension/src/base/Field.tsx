import * as React from 'react';
import { HiddenCharacters } from './HiddenCharacters';

export namespace Field {
  export interface IProps {
    label: string;
    /** What to know before one fills it in. */
    hint?: React.ReactNode;
    /** What is wrong with it. */
    problem?: string;
    /** What stands in it; characters in it that nobody can see are named. */
    text?: string;
    /** Draws the control; it gets what ties it to its label and its problem. */
    children: (tied: Tied) => React.ReactNode;
  }

  export interface Tied {
    id: string;
    'aria-describedby': string | undefined;
    'aria-invalid': boolean;
  }
}

/** A labelled control with what is wrong with it. */
export function Field(props: Field.IProps): JSX.Element {
  const { label, hint, problem, text, children } = props;
  const id = `jp-Assistants-field${React.useId()}`;
  const noteId = `${id}-note`;
  const tied = {
    id,
    'aria-describedby': hint || problem ? noteId : undefined,
    'aria-invalid': Boolean(problem)
  };
  return (
    <div className="jp-Assistants-field">
      <label htmlFor={id}>{label}</label>
      {children(tied)}
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
