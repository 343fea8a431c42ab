import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import type { RunPreview } from '../../wire/types';

/** Exactly what the next run would send to its model. */
export function SentView(props: {
  preview: RunPreview;
  labels: SentView.ILabels;
}): JSX.Element {
  const { preview, labels } = props;
  return (
    <div
      className="jp-Assistants-sent"
      tabIndex={0}
      role="region"
      aria-label={labels.title}
    >
      <p>
        {preview.model} · {preview.seen} · ~{preview.estimated_tokens} {labels.tokens}
      </p>
      <h3>{labels.instructions}</h3>
      <pre>{visible(preview.instructions)}</pre>
      <h3>{labels.history}</h3>
      {preview.history.map((entry, index) => (
        <pre key={index}>{visible(JSON.stringify(entry, null, 2))}</pre>
      ))}
      <h3>{labels.tools}</h3>
      <pre>{JSON.stringify(preview.tools, null, 2)}</pre>
    </div>
  );
}

export namespace SentView {
  /** Its texts; a dialog is outside of the panel's context. */
  export interface ILabels {
    title: string;
    tokens: string;
    instructions: string;
    history: string;
    tools: string;
  }
}
