import * as React from 'react';
import { visibleCode } from '../base/hiddenCharacters';
import { fenced } from './fenced';
import { CodeTools } from './CodeTools';
import { usePanel } from '../base/context';
import { MarkdownBlock } from './MarkdownBlock';

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
      <MarkdownBlock source={fenced(visibleCode(props.code), props.language)} />
      {props.tools && <CodeTools code={props.code} />}
    </div>
  );
}
