import * as React from 'react';
import { answerOf, Decision, Proposal, proposalOf } from './model';
import { visible, visibleCode } from '../../base/hiddenCharacters';
import { languageName } from '../../base/languages';
import { RunModel } from '../chat/run';
import { ThreadModel } from '../chat/model';
import { Waiting } from '../../wire/transcript';
import { usePanel } from '../../base/context';
import { focusBehind, mayTakeFocus, useFocusBehind } from '../../base/focus';
import { HiddenCharacters } from '../../base/HiddenCharacters';

/** Milliseconds in which keys do not run code that has just appeared. */
const UNSEEN = 500;
/** Lines of code that are in sight without scrolling. */
const MOST_ROWS = 16;

export namespace ApprovalCard {
  export interface IProps {
    call: Waiting;
    run: RunModel;
    thread: ThreadModel;
  }
}

/** The approval form for code. It takes the focus; Escape rejects. */
export function ApprovalCard(props: ApprovalCard.IProps): JSX.Element {
  const { trans } = usePanel();
  const card = React.useRef<HTMLDivElement>(null);
  const form = useApproval(props, card);
  const armed = useArmed();
  const { proposal, text, code, sent } = form;
  const lines = React.useMemo(() => text.split('\n').length, [text]);
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
          form.reject();
        }
      }}
    >
      <Question proposal={proposal} />
      <textarea
        aria-label={trans.__('Code')}
        className="jp-Assistants-approvalCode"
        spellCheck={false}
        value={text}
        rows={Math.min(Math.max(lines, 2), MOST_ROWS)}
        onChange={event => form.setText(visibleCode(event.target.value))}
        disabled={sent}
      />
      {lines > MOST_ROWS && (
        <p className="jp-Assistants-note">
          {trans.__('%1 lines: scroll to read all of them.', lines.toLocaleString())}
        </p>
      )}
      <HiddenCharacters text={code} code />
      {proposal.hints.length > 0 && (
        <ul className="jp-Assistants-hints">
          {proposal.hints.map(hint => (
            <li key={hint}>{visible(hint)}</li>
          ))}
        </ul>
      )}
      <Buttons form={form} armed={armed} />
      <Reason form={form} />
    </div>
  );
}

/** What is asked, and where the code would run. */
function Question(props: { proposal: Proposal }): JSX.Element {
  const { trans } = usePanel();
  const language = languageName(props.proposal.language);
  if (!props.proposal.ownKernel) {
    return (
      <p className="jp-Assistants-approvalTitle">
        {trans.__('Run this %1 code in your kernel?', language)}
      </p>
    );
  }
  return (
    <>
      <p className="jp-Assistants-approvalTitle">
        {trans.__('Run this %1 code outside a sandbox?', language)}
      </p>
      <p className="jp-Assistants-note">
        {trans.__(
          'It runs in a kernel of this thread, not in a notebook. No sandbox holds it: it can do whatever you can do.'
        )}
      </p>
    </>
  );
}

type ApprovalForm = ReturnType<typeof useApproval>;

/** The state of the form and what its controls do. */
function useApproval(props: ApprovalCard.IProps, card: React.RefObject<HTMLElement>) {
  const { panel } = usePanel();
  const { call, run, thread } = props;
  const proposal = React.useMemo(() => proposalOf(call), [call.arguments]);
  const [text, setText] = React.useState(() => visibleCode(proposal.code));
  const [reason, setReason] = React.useState('');
  const [sent, setSent] = React.useState(false);
  useFocusBehind(card);
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
  // Unedited code runs as proposed, also where hidden characters are shown by their numbers.
  const shown = React.useMemo(() => visibleCode(proposal.code), [proposal]);
  const code = text === shown ? proposal.code : text;
  return {
    proposal,
    text,
    setText,
    code,
    reason,
    setReason,
    sent,
    approve: (always: boolean) => void decide({ approved: true, always, code }),
    reject: () => void decide({ approved: false, reason })
  };
}

/** Run, Always in this thread, Reject. Run takes the focus. */
function Buttons(props: { form: ApprovalForm; armed: boolean }): JSX.Element {
  const { trans } = usePanel();
  const { form, armed } = props;
  const { proposal, code, sent } = form;
  const runButton = React.useRef<HTMLButtonElement>(null);
  React.useEffect(() => {
    if (mayTakeFocus(runButton.current?.closest('.jp-Assistants-panel'))) {
      runButton.current?.focus();
    }
  }, []);
  return (
    <div className="jp-Assistants-approvalButtons">
      <button
        ref={runButton}
        type="button"
        className="jp-mod-accept"
        disabled={sent}
        onClick={event => {
          // A click has a detail; a key has none, and may have been meant for something else.
          if (event.detail > 0 || armed) {
            form.approve(false);
          }
        }}
      >
        {code === proposal.code ? trans.__('Run') : trans.__('Run edited')}
      </button>
      {proposal.maxApproval !== 'ask' && (
        <button type="button" disabled={sent} onClick={() => form.approve(true)}>
          {trans.__('Always in this thread')}
        </button>
      )}
      <button type="button" disabled={sent} onClick={form.reject}>
        {trans.__('Reject')}
      </button>
    </div>
  );
}

function Reason(props: { form: ApprovalForm }): JSX.Element {
  const { trans } = usePanel();
  const { reason, setReason, reject, sent } = props.form;
  return (
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
