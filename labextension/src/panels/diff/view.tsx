import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { diffLines } from './model';

const SIGNS = { same: ' ', removed: '-', added: '+' };

/** The difference between two texts, line by line. */
export function DiffView(props: {
  before: string;
  after: string;
  label: string;
}): JSX.Element {
  return (
    <div
      className="jp-Assistants-diff"
      role="region"
      aria-label={props.label}
      tabIndex={0}
    >
      {diffLines(props.before, props.after).map((line, index) => (
        <div key={index} className={`jp-Assistants-diffLine jp-mod-${line.kind}`}>
          <span aria-hidden={line.kind === 'same'}>{SIGNS[line.kind]} </span>
          {visible(line.text)}
        </div>
      ))}
    </div>
  );
}
