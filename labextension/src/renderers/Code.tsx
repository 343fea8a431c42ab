import * as React from 'react';
import { fenced } from './safety/untrusted';
import { CodeTools } from './CodeTools';
import { usePanel } from '../base/context';
import { MarkdownBlock } from './MarkdownBlock';

const NO_LINKS = (): null => null;

export namespace Code {
  export interface IProps {
    code: string;
    language: string;
    /** Offer what can be done with it. */
    tools?: boolean;
  }
}

/** Highlighted code. */
export function Code(props: Code.IProps): JSX.Element {
  const { trans } = usePanel();
  return (
    <div
      className="jp-Assistants-code"
      role="group"
      aria-label={trans.__('Code')}
      tabIndex={0}
    >
      <MarkdownBlock source={fenced(props.code, props.language)} link={NO_LINKS} />
      {props.tools && <CodeTools code={props.code} />}
    </div>
  );
}
