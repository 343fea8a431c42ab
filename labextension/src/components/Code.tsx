import * as React from 'react';
import { fenced } from '../model/untrusted';
import { MarkdownBlock } from './MarkdownBlock';

const NO_LINKS = (): null => null;

/** Highlighted code. */
export function Code(props: { code: string; language: string }): JSX.Element {
  return (
    <div className="jp-Assistants-code">
      <MarkdownBlock source={fenced(props.code, props.language)} link={NO_LINKS} />
    </div>
  );
}
