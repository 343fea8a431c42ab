import { copyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { visible } from '../../base/hiddenCharacters';
import { LANGUAGES, Language, programOf } from '../../wire/program';
import type { Assistant } from '../../wire/types';
import { Code } from '../../renderers/Code';
import { usePanel } from '../../base/context';
import { IconButton } from '../../base/IconButton';

const NAMES: Record<Language, string> = {
  python: 'Python',
  javascript: 'JavaScript',
  curl: 'curl'
};
const HIGHLIGHT: Record<Language, string> = {
  python: 'python',
  javascript: 'javascript',
  curl: 'bash'
};

/** A program that creates this assistant and runs it, to be copied. */
export function CopyAsCode(props: { assistant: Assistant }): JSX.Element {
  const { assistant } = props;
  const { panel, trans, actions } = usePanel();
  const [open, setOpen] = React.useState(false);
  const [language, setLanguage] = React.useState<Language>('python');
  const [code, setCode] = React.useState('');
  const [said, setSaid] = React.useState('');
  React.useEffect(() => {
    if (!open) {
      return;
    }
    let wanted = true;
    setSaid('');
    programOf(panel.client, assistant.id, language).then(
      text => wanted && setCode(text),
      (error: Error) => wanted && setSaid(visible(error.message))
    );
    return () => {
      wanted = false;
    };
  }, [open, language, assistant, panel]);
  return (
    <details
      className="jp-Assistants-section"
      open={open}
      onToggle={event => setOpen(event.currentTarget.open)}
    >
      <summary>{trans.__('Copy as code')}</summary>
      <div className="jp-Assistants-buttons">
        <select
          aria-label={trans.__('Language of the code')}
          value={language}
          onChange={event => setLanguage(event.target.value as Language)}
        >
          {LANGUAGES.map(each => (
            <option key={each} value={each}>
              {NAMES[each]}
            </option>
          ))}
        </select>
        <IconButton
          icon={copyIcon}
          label={trans.__('Copy')}
          disabled={!code}
          onClick={() => {
            actions.copy(code);
            setSaid(trans.__('Copied.'));
          }}
          wide
        />
        <span role="status" className="jp-Assistants-note">
          {said}
        </span>
      </div>
      {code && <Code code={code} language={HIGHLIGHT[language]} />}
    </details>
  );
}
