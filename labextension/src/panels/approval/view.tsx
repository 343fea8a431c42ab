import { caretDownIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { answerOf, Decision, isApproval, Proposal, proposalOf } from './model';
import { Unread } from '../../base/codeField';
import { visible, visibleCode } from '../../base/hiddenCharacters';
import { languageName } from '../../base/languages';
import { RunModel } from '../chat/run';
import { ThreadModel } from '../chat/model';
import { Waiting } from '../../wire/transcript';
import { usePanel } from '../../base/context';
import { focusBehind, mayTakeFocus, useFocusBehind } from '../../base/focus';
import { HiddenCharacters } from '../../base/HiddenCharacters';
import { IconButton } from '../../base/IconButton';
import { useModel } from '../../base/useModel';
import { CodeToRead, ReadableCode } from './CodeToRead';

/** Milliseconds in which keys do not run code that has just come into view. */
const UNSEEN = 500;

/**
 * The code that the open thread asks to approve, docked above the composer: always in view,
 * wherever one reads in the thread.
 */
export function ApprovalBar(props: { thread: ThreadModel }): JSX.Element | null {
  const { thread } = props;
  useModel(thread);
  const run = thread.active;
  useModel(run);
  const calls = run?.view.waiting.filter(isApproval) ?? [];
  // Of several questions one is asked at a time; the last one stays until all are submitted.
  const open = calls.findIndex(call => !run!.isAnswered(call.id));
  const index = open < 0 ? calls.length - 1 : open;
  const call = calls[index];
  return call === undefined ? null : (
    <ApprovalForm
      key={call.id}
      call={call}
      run={run!}
      thread={thread}
      position={[index + 1, calls.length]}
    />
  );
}

export namespace ApprovalForm {
  export interface IProps {
    call: Waiting;
    run: RunModel;
    thread: ThreadModel;
    /** Which of how many questions it is. */
    position?: [number, number];
  }
}

/** The form for one piece of code. It takes the focus; Escape rejects. */
export function ApprovalForm(props: ApprovalForm.IProps): JSX.Element {
  const { trans } = usePanel();
  const bar = React.useRef<HTMLDivElement>(null);
  const form = useApproval(props, bar);
  const armed = useArmed(form.unread);
  const { proposal, sent, position } = form;
  return (
    <div
      ref={bar}
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
      <Question proposal={proposal} position={position} />
      <CodeToRead form={form} />
      <HiddenCharacters text={form.code} code />
      <Hints proposal={proposal} />
      {form.rejecting ? (
        <Rejection form={form} />
      ) : (
        <Buttons form={form} armed={armed} />
      )}
    </div>
  );
}

/** What is asked, and where the code would run. */
function Question(props: {
  proposal: Proposal;
  position: [number, number];
}): JSX.Element {
  const { trans } = usePanel();
  const [number, count] = props.position;
  const language = languageName(props.proposal.language);
  const which = count > 1 ? ` ${trans.__('(%1 of %2)', number, count)}` : '';
  if (!props.proposal.ownKernel) {
    return (
      <p className="jp-Assistants-approvalTitle">
        {trans.__('Run this %1 code in your kernel?', language)}
        {which}
      </p>
    );
  }
  return (
    <>
      <p className="jp-Assistants-approvalTitle">
        {trans.__('Run this %1 code outside a sandbox?', language)}
        {which}
      </p>
      <p className="jp-Assistants-note">
        {trans.__(
          'It runs in a kernel of this thread, not in a notebook. No sandbox holds it: it can do whatever you can do.'
        )}
      </p>
    </>
  );
}

/** What is noted about the code as a whole; notes with a line stand at it. */
function Hints(props: { proposal: Proposal }): JSX.Element | null {
  const { hints } = props.proposal;
  return hints.length === 0 ? null : (
    <ul className="jp-Assistants-hints">
      {hints.map(hint => (
        <li key={hint}>{visible(hint)}</li>
      ))}
    </ul>
  );
}

type Form = ReturnType<typeof useApproval>;

/** The state of the form and what its controls do. */
function useApproval(props: ApprovalForm.IProps, bar: React.RefObject<HTMLElement>) {
  const { panel } = usePanel();
  const { call, run, thread, position = [1, 1] } = props;
  const proposal = React.useMemo(() => proposalOf(call), [call.arguments]);
  const code = useCode(proposal);
  const [reason, setReason] = React.useState('');
  const [rejecting, setRejecting] = React.useState(false);
  const [sent, setSent] = React.useState(false);
  useFocusBehind(bar);
  const decide = async (decision: Decision): Promise<void> => {
    // Not when the code already opened a form of its own.
    const leave = focusBehind(bar.current);
    setSent(true);
    const done = await panel.attempt(async () =>
      thread.answer(run, [await answerOf(call, proposal, decision)])
    );
    setSent(done);
    if (done) {
      leave();
    }
  };
  return {
    ...code,
    position: position as [number, number],
    reason,
    setReason,
    rejecting,
    setRejecting,
    sent,
    approve: (always: boolean) =>
      void decide({ approved: true, always, code: code.code }),
    reject: () => void decide({ approved: false, reason })
  };
}

/** What is proposed, what stands in the editor, and what of it was not in view yet. */
function useCode(
  proposal: Proposal
): ReadableCode & { proposal: Proposal; code: string } {
  const shown = React.useMemo(() => visibleCode(proposal.code), [proposal]);
  const [text, setText] = React.useState(shown);
  const [unread, setUnread] = React.useState<Unread | null>(null);
  // Unedited code runs as proposed, also where hidden characters are shown by their numbers.
  const code = text === shown ? proposal.code : text;
  return { proposal, shown, text, setText, unread, setUnread, code };
}

/** Run, Reject …, and a menu of what is more than this one piece of code. */
function Buttons(props: { form: Form; armed: boolean }): JSX.Element {
  const { trans, actions } = usePanel();
  const { form, armed } = props;
  const { proposal, code, sent } = form;
  const isRead = form.unread?.lines === 0;
  const always = {
    label: trans.__('Always in this thread'),
    run: () => form.approve(true)
  };
  return (
    <div className="jp-Assistants-approvalButtons">
      <RunButton form={form} armed={armed}>
        {code === proposal.code ? trans.__('Run') : trans.__('Run edited')}
      </RunButton>
      <button type="button" disabled={sent} onClick={() => form.setRejecting(true)}>
        {trans.__('Reject…')}
      </button>
      {proposal.maxApproval !== 'ask' && (
        <IconButton
          icon={caretDownIcon}
          label={trans.__('More ways to run')}
          disabled={sent || !isRead}
          onClick={event => {
            const box = event.currentTarget.getBoundingClientRect();
            actions.menu([always], box.left, box.bottom);
          }}
        />
      )}
    </div>
  );
}

/** Runs the code once all of it was in view. It has the focus then. */
function RunButton(props: {
  form: Form;
  armed: boolean;
  children: React.ReactNode;
}): JSX.Element {
  const { trans } = usePanel();
  const { form, armed } = props;
  const button = React.useRef<HTMLButtonElement>(null);
  const isRead = form.unread?.lines === 0;
  React.useEffect(() => {
    const panel = button.current?.closest('.jp-Assistants-panel');
    const editor = panel?.querySelector('.jp-Assistants-approvalCode');
    // Whoever edits the code stays in it.
    if (isRead && mayTakeFocus(panel) && !editor?.contains(document.activeElement)) {
      button.current?.focus();
    }
  }, [isRead]);
  return (
    <button
      ref={button}
      type="button"
      className="jp-mod-accept"
      disabled={form.sent}
      aria-disabled={!isRead}
      title={isRead ? undefined : trans.__('Read all of the code first')}
      onClick={event => {
        // A click has a detail; a key has none, and may have been meant for something else.
        if (isRead && (event.detail > 0 || armed)) {
          form.approve(false);
        }
      }}
    >
      {props.children}
    </button>
  );
}

/** Asks why, and tells it to the model. */
function Rejection(props: { form: Form }): JSX.Element {
  const { trans } = usePanel();
  const { reason, setReason, reject, sent, setRejecting } = props.form;
  const field = React.useRef<HTMLInputElement>(null);
  React.useEffect(() => field.current?.focus(), []);
  return (
    <div className="jp-Assistants-approvalButtons">
      <input
        ref={field}
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
      <button type="button" className="jp-mod-accept" disabled={sent} onClick={reject}>
        {trans.__('Reject')}
      </button>
      <button type="button" disabled={sent} onClick={() => setRejecting(false)}>
        {trans.__('Back')}
      </button>
    </div>
  );
}

/** Return whether keys may run the code: not before all of it has been in view for a moment. */
function useArmed(unread: Unread | null): boolean {
  const [armed, setArmed] = React.useState(false);
  const isRead = unread?.lines === 0;
  React.useEffect(() => {
    setArmed(false);
    const timer = isRead ? setTimeout(() => setArmed(true), UNSEEN) : undefined;
    return () => clearTimeout(timer);
  }, [isRead]);
  return armed;
}
