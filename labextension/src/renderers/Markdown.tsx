import * as React from 'react';
import { blocks, definitions } from './blocks';
import { CITATION_NAME, citationsOf, withLinks } from './citations';
import { Json } from '../wire/transcript';
import { Citations } from './Citations';
import { CodeTools } from './CodeTools';
import { usePanel } from '../base/context';
import { MarkdownBlock } from './MarkdownBlock';

export namespace Markdown {
  export interface IProps {
    text: string;
    annotations: Json[];
    /** Whether the text still grows. */
    streaming: boolean;
  }
}

/** Addresses inside a message; the panel handles clicks on them. */
const FILE_ADDRESS = '#assistants-file=';
const CITATION_ADDRESS = '#assistants-citation=';
const USES_LABEL = /\[[^\]]+\]/;
const FENCED = /^\s{0,3}(`{3,}|~{3,})[^\n]*\n([\s\S]*?)\n?\s*\1\s*$/;

/** A model's Markdown. Blocks that did not change are not rendered again. */
export function Markdown(props: Markdown.IProps): JSX.Element {
  const { text } = props;
  const annotations = useSame(props.annotations);
  const { citations, marks } = React.useMemo(
    () => citationsOf(annotations),
    [annotations]
  );
  const cut = React.useMemo(() => blocks(withLinks(text, marks)), [text, marks]);
  const labels = React.useMemo(() => definitions(text), [text]);
  const resolve = useResolver(annotations);
  const onClick = useAddresses(citations);
  return (
    <div className="jp-Assistants-markdown" onClickCapture={onClick}>
      {cut.map((block, index) => {
        const code = FENCED.exec(block)?.[2];
        return (
          <React.Fragment key={index}>
            <MarkdownBlock
              source={
                labels && USES_LABEL.test(block) ? `${block}\n\n${labels}` : block
              }
              resolve={resolve}
            />
            {code !== undefined && <CodeTools code={code} />}
          </React.Fragment>
        );
      })}
      {props.streaming && <span className="jp-Assistants-caret" aria-hidden="true" />}
      <Citations citations={citations} />
    </div>
  );
}

/** Return the first of several equal values: text that streams in has new annotations each time. */
function useSame(annotations: Json[]): Json[] {
  return React.useMemo(() => annotations, [JSON.stringify(annotations)]);
}

/** Return a resolver of names of files and citations. */
function useResolver(annotations: Json[]): (name: string) => string | null {
  return React.useCallback(
    name => {
      if (name.startsWith(CITATION_NAME)) {
        return CITATION_ADDRESS + name.slice(CITATION_NAME.length);
      }
      const found = annotations.find(
        each =>
          each.type === 'file_path' && decoded(String(each.text)).endsWith(`/${name}`)
      );
      return found ? FILE_ADDRESS + String(found.file_path.file_id) : null;
    },
    [annotations]
  );
}

/** Return a handler of clicks on files and citations. */
function useAddresses(
  citations: ReturnType<typeof citationsOf>['citations']
): (event: React.MouseEvent) => void {
  const { panel, actions } = usePanel();
  return event => {
    const target = (event.target as Element).closest('a');
    const href = target?.getAttribute('href') ?? '';
    if (!href.startsWith('#assistants-')) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (href.startsWith(CITATION_ADDRESS)) {
      const number = Number(href.slice(CITATION_ADDRESS.length));
      const cited = citations.find(each => each.number === number);
      if (cited) {
        actions.openView(cited.fileId, cited.start, cited.end);
      }
      return;
    }
    const file = href.slice(FILE_ADDRESS.length);
    void panel.attempt(async () => {
      const [content, stored] = await Promise.all([
        panel.client.fileContent(file),
        panel.client.getFile(file)
      ]);
      actions.save(content, stored.filename.split('/').pop() ?? file);
    });
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
