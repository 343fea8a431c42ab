import * as React from 'react';
import { blocks, definitions } from '../model/blocks';
import { Json } from '../model/transcript';
import { MarkdownBlock } from './MarkdownBlock';
import { usePanel } from './context';

export namespace Markdown {
  export interface IProps {
    text: string;
    annotations: Json[];
    /** Whether the text still grows. */
    streaming: boolean;
  }
}

/** Address of a stored file inside a message; a click on it is handled by the panel. */
export const FILE_ADDRESS = '#assistants-file=';

/** A model's Markdown. Blocks that did not change are not rendered again. */
export function Markdown(props: Markdown.IProps): JSX.Element {
  const { panel, actions } = usePanel();
  const { text, annotations } = props;
  const cut = React.useMemo(() => blocks(text), [text]);
  const labels = React.useMemo(() => definitions(text), [text]);
  const link = React.useCallback(
    (name: string): string | null => {
      const found = annotations.find(
        each =>
          each.type === 'file_path' && decodeURI(String(each.text)).endsWith(`/${name}`)
      );
      return found ? FILE_ADDRESS + String(found.file_path.file_id) : null;
    },
    [annotations]
  );
  const onClick = (event: React.MouseEvent): void => {
    const target = (event.target as Element).closest('a');
    const href = target?.getAttribute('href') ?? '';
    if (href.startsWith(FILE_ADDRESS)) {
      event.preventDefault();
      event.stopPropagation();
      const file = href.slice(FILE_ADDRESS.length);
      const name = target?.textContent || file;
      void panel.attempt(async () => {
        const [content, stored] = await Promise.all([
          panel.client.fileContent(file),
          panel.client.getFile(file).catch(() => null)
        ]);
        actions.save(content, stored?.filename.split('/').pop() ?? name);
      });
    }
  };
  return (
    <div className="jp-Assistants-markdown" onClickCapture={onClick}>
      {cut.map((block, index) => (
        <MarkdownBlock
          key={index}
          source={
            labels && /\]\[|\]\s*$|\[[^\]]+\]/.test(block)
              ? `${block}\n\n${labels}`
              : block
          }
          link={link}
        />
      ))}
      {props.streaming && <span className="jp-Assistants-caret" aria-hidden="true" />}
    </div>
  );
}
