import * as React from 'react';
import { usePanel } from '../base/context';
import { Guarded } from '../base/Guarded';
import { visible } from '../base/hiddenCharacters';
import { CallEntry } from '../wire/transcript';
import type { Changes } from '../wire/types';
import { ChangesNote } from './ChangesNote';
import { Code } from './Code';
import { FileChip } from './FileChip';
import { Output } from './outputs/Output';
import { FoldedCode } from './steps/base';
import { stepRenderer } from './steps/registry';

export namespace StepCard {
  export interface IProps {
    call: CallEntry;
    /** Whether its run is active. */
    live: boolean;
    /** Keep its code folded, because it is shown elsewhere to be approved. */
    folded?: boolean;
    /** Undo what the step changed. */
    undo: () => Promise<void>;
  }
}

/** One call of a tool: its code folded, its outputs open. */
export const StepCard = React.memo(function StepCard(props: StepCard.IProps) {
  const { panel } = usePanel();
  const { call, live, folded, undo } = props;
  const { Details, code } = stepRenderer(call.kind);
  return (
    <div
      className={`jp-Assistants-call jp-mod-${call.result ?? call.status}`}
      data-call-id={call.id}
    >
      <Heading call={call} live={live} folded={folded} code={code?.(call)} />
      <Outputs call={call} />
      <Files call={call} />
      {Details && <Details call={call} />}
      {call.changes && (
        <ChangesNote
          changes={call.changes as Changes}
          onUndo={() => void panel.attempt(() => undo())}
        />
      )}
      {(call.note || call.error) && (
        <div className="jp-Assistants-note">{visible(call.note || call.error!)}</div>
      )}
    </div>
  );
}, sameCall);

/** Return whether nothing to draw changed; `undo` is a new function each time and does the same. */
function sameCall(before: StepCard.IProps, after: StepCard.IProps): boolean {
  return (
    before.call === after.call &&
    before.live === after.live &&
    before.folded === after.folded
  );
}

/** The title of a call and how it ended; its code unfolds below. */
function Heading(props: {
  call: CallEntry;
  live: boolean;
  folded?: boolean;
  code?: FoldedCode;
}): JSX.Element {
  const { trans } = usePanel();
  const { call, live, folded, code } = props;
  const running = live && call.status === 'in_progress';
  return (
    <details className="jp-Assistants-callCode" open={running && !folded}>
      <summary>
        <span className="jp-Assistants-callTitle">
          {stepRenderer(call.kind).title(call, running, trans)}
        </span>
        {call.seconds !== null && (
          <span className="jp-Assistants-seconds">
            {trans.__('%1 s', call.seconds.toFixed(1))}
          </span>
        )}
      </summary>
      {code?.text && (
        <Code code={code.text} language={code.language} tools={code.tools} />
      )}
      {call.output && <pre className="jp-Assistants-plain">{visible(call.output)}</pre>}
    </details>
  );
}

function Outputs(props: { call: CallEntry }): JSX.Element | null {
  const { trans } = usePanel();
  const { outputs } = props.call;
  return outputs.length === 0 ? null : (
    <div
      className="jp-Assistants-outputs"
      role="group"
      aria-label={trans.__('Outputs')}
      tabIndex={0}
    >
      {outputs.map((output, index) => (
        <Guarded key={index}>
          <Output output={output} />
        </Guarded>
      ))}
    </div>
  );
}

function Files(props: { call: CallEntry }): JSX.Element | null {
  const { trans } = usePanel();
  const { files } = props.call;
  return files.length === 0 ? null : (
    <div className="jp-Assistants-files" role="group" aria-label={trans.__('Files')}>
      {files.map(file => (
        <FileChip key={file.file_id} file={file} preview />
      ))}
    </div>
  );
}
