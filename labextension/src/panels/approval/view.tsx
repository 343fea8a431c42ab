import * as React from 'react';
import { answerOf, Decision, proposalOf } from './model';
import { visible } from '../../base/hiddenCharacters';
import { languageName } from '../../base/languages';
import { RunModel } from '../chat/run';
import { ThreadModel } from '../chat/model';
import { Waiting } from '../../wire/transcript';
import { usePanel } from '../../base/context';
import { focusBehind, mayTakeFocus, useFocusBehind } from '../../base/focus';
import { HiddenCharacters } from '../../base/HiddenCharacters';

/** Milliseconds in which keys do not run code that has just appeared. */
const UNSEEN = 500;

export namespace ApprovalCard {
  export interface IProps {
    call: Waiting;
    run: RunModel;
    thread: ThreadModel;
  }
}

/** The approval form for code. It takes the focus; Escape rejects. */
export function ApprovalCard(props: ApprovalCard.IProps): JSX.Element {
  const { panel, trans } = usePanel();
  const { call, run, thread } = props;
  const proposal = React.useMemo(() => proposalOf(call), [call.arguments]);
  const [text, setText] = React.useState(() => visible(proposal.code));
  // Unedited code runs as proposed, also where hidden characters are shown by their numbers.
  const code = text === visible(proposal.code) ? proposal.code : text;
  const [reason, setReason] = React.useState('');
  const [sent, setSent] = React.useState(false);
  const runButton = React.useRef<HTMLButtonElement>(null);
  const card = React.useRef<HTMLDivElement>(null);
  useFocusBehind(card);
  const armed = useArmed();
  React.useEffect(() => {
    if (mayTakeFocus(card.current!.closest('.jp-Assistants-panel'))) {
      runButton.current?.focus();
    }
  }, []);
  const decide = async (decision: Decision): Promise<void> => {
    // Not when the code already opened a form of its own.
    const leave = focusBehind(card.current);
    setSent(true);
    const done = await panel.attempt(async () =>
      thread.answer(run, [await answerOf(call, proposal, decision)])
    );
    setSent(done);
    if (done) {
      leave();
    }
  };
  const approve = (event: React.MouseEvent): void => {
    // A click has a detail; a key has none, and may have been meant for something else.
    if (event.detail > 0 || armed) {
      void decide({ approved: true, always: false, code });
    }
  };
  const alwaysAllowed = proposal.maxApproval !== 'ask';
  const reject = (): void => void decide({ approved: false, reason });
  const edited = code !== proposal.code;
  return (
    <div
      ref={card}
      className="jp-Assistants-approval"
      role="group"
      aria-label={trans.__('Code waiting for your approval')}
      data-armed={armed}
      onKeyDown={event => {
        if (event.key === 'Escape' && !sent) {
          event.stopPropagation();
          reject();
        }
      }}
    >
      <p className="jp-Assistants-approvalTitle">
        {trans.__('Run this %1 code in your kernel?', languageName(proposal.language))}
      </p>
      <textarea
        aria-label={trans.__('Code')}
        className="jp-Assistants-approvalCode"
        spellCheck={false}
        value={text}
        rows={Math.min(Math.max(text.split('\n').length, 2), 16)}
        onChange={event => setText(visible(event.target.value))}
        disabled={sent}
      />
      <HiddenCharacters text={code} />
      {proposal.hints.length > 0 && (
        <ul className="jp-Assistants-hints">
          {proposal.hints.map(hint => (
            <li key={hint}>{visible(hint)}</li>
          ))}
        </ul>
      )}
      <div className="jp-Assistants-approvalButtons">
        <button
          ref={runButton}
          type="button"
          className="jp-mod-accept"
          disabled={sent}
          onClick={approve}
        >
          {edited ? trans.__('Run edited') : trans.__('Run')}
        </button>
        {alwaysAllowed && (
          <button
            type="button"
            disabled={sent}
            onClick={() => void decide({ approved: true, always: true, code })}
          >
            {trans.__('Always in this thread')}
          </button>
        )}
        <button type="button" disabled={sent} onClick={reject}>
          {trans.__('Reject')}
        </button>
      </div>
      <input
        type="text"
        className="jp-Assistants-reason"
        aria-label={trans.__('Reason for the rejection, sent to the model')}
        placeholder={trans.__('Why not? Sent to the model (optional)')}
        value={reason}
        disabled={sent}
        onChange={event => setReason(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            reject();
          }
        }}
      />
    </div>
  );
}

/** Return whether keys may run the code: not at once, for whoever was typing has not seen it yet. */
function useArmed(): boolean {
  const [armed, setArmed] = React.useState(false);
  React.useEffect(() => {
    const timer = setTimeout(() => setArmed(true), UNSEEN);
    return () => clearTimeout(timer);
  }, []);
  return armed;
}
