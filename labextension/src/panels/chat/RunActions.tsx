import { copyIcon, infoIcon, refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { thumbDownIcon, thumbUpIcon } from '../../icons';
import { visible } from '../../base/hiddenCharacters';
import { RunModel } from './run';
import { ThreadModel } from './model';
import { MessageEntry } from '../../wire/transcript';
import { usePanel } from '../../base/context';
import { useModel } from '../../base/useModel';
import { IconButton } from '../../base/IconButton';
import { ItemActions } from '../../base/ItemActions';

/** Metadata key of a message for the person's rating. */
export const FEEDBACK = 'feedback';

/** Buttons below a finished answer. */
export function RunActions(props: {
  run: RunModel;
  thread: ThreadModel;
}): JSX.Element | null {
  const { panel, trans, actions } = usePanel();
  const { run, thread } = props;
  const messages = run.view.entries.filter(
    (entry): entry is MessageEntry => entry.type === 'message'
  );
  const last = messages.at(-1);
  const text = messages
    .map(message => message.parts.map(part => part.text).join(''))
    .join('\n\n');
  return (
    <ItemActions label={trans.__('This answer')}>
      {text && (
        <IconButton
          icon={copyIcon}
          label={trans.__('Copy')}
          onClick={() => actions.copy(text)}
        />
      )}
      <IconButton
        icon={refreshIcon}
        label={trans.__('Answer again')}
        onClick={() => void panel.retry(run)}
        disabled={thread.active !== null}
      />
      {last && <Rating messageId={last.id} thread={thread} />}
      <IconButton
        icon={infoIcon}
        label={trans.__('What is sent')}
        onClick={() =>
          void panel.attempt(async () => actions.showSent(await panel.preview()))
        }
      />
      <RunFigures run={run} />
    </ItemActions>
  );
}

/** Two buttons for a person's rating of an answer; pressing one again takes it back. */
function Rating(props: { messageId: string; thread: ThreadModel }): JSX.Element {
  const { panel, trans } = usePanel();
  const { messageId, thread } = props;
  const feedback = thread.message(messageId)?.metadata[FEEDBACK];
  const rate = (value: string): void => {
    const pairs = { [FEEDBACK]: feedback === value ? '' : value };
    void panel.attempt(() => thread.annotateMessage(messageId, pairs));
  };
  return (
    <>
      <IconButton
        icon={thumbUpIcon}
        label={trans.__('Good answer')}
        pressed={feedback === 'good'}
        onClick={() => rate('good')}
      />
      <IconButton
        icon={thumbDownIcon}
        label={trans.__('Bad answer')}
        pressed={feedback === 'bad'}
        onClick={() => rate('bad')}
      />
    </>
  );
}

/** The model and the tokens of a run. */
function RunFigures(props: { run: RunModel }): JSX.Element | null {
  const { panel, trans } = usePanel();
  useModel(panel.preferences);
  const state = props.run.view.run;
  const usage = state?.usage;
  if (!state) {
    return null;
  }
  const figures = [state.model];
  if (usage && panel.preferences.values.showUsage) {
    figures.push(
      trans.__(
        '%1 + %2 tokens',
        String(usage.prompt_tokens),
        String(usage.completion_tokens)
      )
    );
  }
  return <span className="jp-Assistants-figures">{visible(figures.join(' · '))}</span>;
}
