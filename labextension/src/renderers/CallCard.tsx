import * as React from 'react';
import { visible } from '../base/hidden';
import { pretty } from '../base/pretty';
import { CallEntry } from '../wire/transcript';
import type { Changes } from '../wire/types';
import { ChangesNote } from './ChangesNote';
import { Code } from './Code';
import { usePanel } from '../base/context';
import { FileChip } from './FileChip';
import { Guarded } from '../base/Guarded';
import { Output } from './Output';
import { SearchResults } from './SearchResults';

/** One step that called a tool: its code folded, its outputs open. */
export const CallCard = React.memo(function CallCard(props: {
  call: CallEntry;
  live: boolean;
  /** Undo what the step changed. */
  undo: () => Promise<void>;
}) {
  const { panel, trans } = usePanel();
  const { call, live } = props;
  const state = call.result ?? call.status;
  const running = live && call.status === 'in_progress';
  return (
    <div className={`jp-Assistants-call jp-mod-${state}`} data-call-id={call.id}>
      <details className="jp-Assistants-callCode" open={running}>
        <summary>
          <span className="jp-Assistants-callTitle">{title(call, running, trans)}</span>
          {call.seconds !== null && (
            <span className="jp-Assistants-seconds">
              {trans.__('%1 s', call.seconds.toFixed(1))}
            </span>
          )}
        </summary>
        {call.code && (
          <Code
            code={call.kind === 'code_interpreter' ? call.code : pretty(call.code)}
            language={call.kind === 'code_interpreter' ? 'python' : 'json'}
            tools={call.kind === 'code_interpreter'}
          />
        )}
        {call.output && (
          <pre className="jp-Assistants-plain">{visible(call.output)}</pre>
        )}
      </details>
      {call.outputs.length > 0 && (
        <div
          className="jp-Assistants-outputs"
          role="group"
          aria-label={trans.__('Outputs')}
          tabIndex={0}
        >
          {call.outputs.map((output, index) => (
            <Guarded key={index}>
              <Output output={output} />
            </Guarded>
          ))}
        </div>
      )}
      {call.files.length > 0 && (
        <div
          className="jp-Assistants-files"
          role="group"
          aria-label={trans.__('Files')}
        >
          {call.files.map(file => (
            <FileChip key={file.file_id} file={file} preview />
          ))}
        </div>
      )}
      {call.search && <SearchResults search={call.search} />}
      {call.changes && (
        <ChangesNote
          changes={call.changes as Changes}
          onUndo={() => void panel.attempt(() => props.undo())}
        />
      )}
      {call.note && <div className="jp-Assistants-note">{visible(call.note)}</div>}
      {call.error && !call.note && (
        <div className="jp-Assistants-note">{visible(call.error)}</div>
      )}
    </div>
  );
}, sameCall);

/** The function that undoes is made anew each time; it does the same as long as the call does. */
function sameCall(
  a: { call: CallEntry; live: boolean },
  b: { call: CallEntry; live: boolean }
): boolean {
  return a.call === b.call && a.live === b.live;
}

function title(
  call: CallEntry,
  running: boolean,
  trans: ReturnType<typeof usePanel>['trans']
): string {
  if (call.kind === 'file_search') {
    return running ? trans.__('Searching files …') : trans.__('Searched files');
  }
  if (call.kind !== 'code_interpreter') {
    return trans.__('Function %1', visible(call.name));
  }
  if (running) {
    return trans.__('Python …');
  }
  const words: Record<string, string> = {
    ok: trans.__('Ran Python'),
    completed: trans.__('Ran Python'),
    error: trans.__('Python raised an error'),
    interrupted: trans.__('Python was stopped'),
    cancelled: trans.__('Python was stopped'),
    timeout: trans.__('Python took too long'),
    died: trans.__('The kernel died'),
    rejected: trans.__('Rejected')
  };
  return words[call.result ?? call.status] ?? trans.__('Python');
}
