import * as React from 'react';
import { Json } from '../../wire/transcript';
import { MarkdownBlock } from '../MarkdownBlock';
import { joined } from './choice';

/** Markdown that code displayed, as harmless as an answer's. */
export function MarkdownOutput(props: { output: Json }): JSX.Element {
  return (
    <div className="jp-Assistants-output">
      <MarkdownBlock source={joined(props.output.data['text/markdown'])} />
    </div>
  );
}
