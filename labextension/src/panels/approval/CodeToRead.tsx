import * as React from 'react';
import { CodeField, Unread } from '../../base/codeField';
import { usePanel } from '../../base/context';
import { mayTakeFocus } from '../../base/focus';
import { Proposal } from './model';

/** Code in an editor, and what of it was in view. */
export interface ReadableCode {
  /** The proposed code with hidden characters by their numbers. */
  shown: string;
  text: string;
  setText(text: string): void;
  /** Null until the editor has been laid out. */
  unread: Unread | null;
  setUnread(unread: Unread): void;
}

export namespace CodeToRead {
  export interface IProps {
    form: ReadableCode & { proposal: Proposal; sent: boolean };
  }
}

/** The code in an editor, and a button to what was not in view yet. */
export function CodeToRead(props: CodeToRead.IProps): JSX.Element {
  const { trans } = usePanel();
  const { form } = props;
  const host = React.useRef<HTMLDivElement>(null);
  const field = useField(host, form);
  const { wrapped, toggle } = useWrapping(field, form.unread);
  const { unread } = form;
  const more = React.useRef<HTMLButtonElement>(null);
  const isCut = unread !== null && unread.lines > 0;
  React.useEffect(() => {
    if (isCut && mayTakeFocus(more.current?.closest('.jp-Assistants-panel'))) {
      more.current?.focus();
    }
  }, [isCut]);
  return (
    <>
      <div ref={host} className="jp-Assistants-approvalCode" />
      {(isCut || wrapped !== null) && (
        <div className="jp-Assistants-unread">
          {isCut && (
            <button
              ref={more}
              type="button"
              onClick={() => field.current?.showUnread()}
            >
              {wrapped === false && unread.cut === unread.lines
                ? trans._n('%1 line goes on →', '%1 lines go on →', unread.lines)
                : trans._n('%1 more line ↓', '%1 more lines ↓', unread.lines)}
            </button>
          )}
          {wrapped !== null && (
            <button type="button" aria-pressed={wrapped} onClick={toggle}>
              {trans.__('Wrap lines')}
            </button>
          )}
        </div>
      )}
    </>
  );
}

/**
 * Wrap long lines as soon as one is cut, unless the person decided otherwise. So in a narrow panel
 * all of ordinary code is in view at once; null as long as no line was cut.
 */
function useWrapping(
  field: React.RefObject<CodeField>,
  unread: Unread | null
): { wrapped: boolean | null; toggle: () => void } {
  const [wrapped, setWrapped] = React.useState<boolean | null>(null);
  const wrap = (lines: boolean): void => {
    field.current?.wrap(lines);
    setWrapped(lines);
  };
  const isCut = unread !== null && unread.cut > 0;
  React.useEffect(() => {
    if (isCut && wrapped === null) {
      wrap(true);
    }
  }, [isCut]);
  return { wrapped, toggle: () => wrap(!wrapped) };
}

/** Create the editor once, and let it tell the form what it shows. */
function useField(
  host: React.RefObject<HTMLDivElement>,
  form: CodeToRead.IProps['form']
): React.RefObject<CodeField> {
  const { newCodeField, trans } = usePanel();
  const field = React.useRef<CodeField | null>(null);
  React.useEffect(() => {
    const created = newCodeField({
      host: host.current!,
      text: form.shown,
      language: form.proposal.language,
      label: trans.__('Code'),
      notes: form.proposal.notes,
      onChange: form.setText,
      onUnread: form.setUnread
    });
    field.current = created;
    return () => created.dispose();
  }, [form.shown]);
  React.useEffect(() => field.current?.lock(form.sent), [form.sent]);
  return field;
}
