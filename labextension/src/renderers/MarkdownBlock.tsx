import { MimeModel } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime';
import * as React from 'react';
import { visible } from '../base/hidden';
import { FileLink, safeMarkdown } from './safety/untrusted';
import { attach } from './attach';
import { finish } from './safety/links';
import { usePanel } from '../base/context';

const MIME = 'text/markdown';

/** One block of Markdown. It is rendered again only when its source changed. */
export const MarkdownBlock = React.memo(function MarkdownBlock(props: {
  source: string;
  link: FileLink;
}) {
  const { rendermime } = usePanel();
  const host = React.useRef<HTMLDivElement>(null);
  const renderer = React.useRef<IRenderMime.IRenderer | null>(null);
  const safe = React.useMemo(
    () => safeMarkdown(visible(props.source), props.link),
    [props.source, props.link]
  );
  // Before the page forgets the node: a renderer can only be taken out of a page that it is in.
  React.useLayoutEffect(() => {
    const made = rendermime.createRenderer(MIME);
    renderer.current = made;
    attach(made, host.current);
    return () => {
      renderer.current = null;
      made.dispose();
    };
  }, [rendermime]);
  React.useEffect(() => {
    const model = new MimeModel({ data: { [MIME]: safe }, trusted: false });
    const rendered = renderer.current?.renderModel(model);
    void rendered?.then(() => host.current && finish(host.current));
  }, [rendermime, safe]);
  return <div ref={host} className="jp-Assistants-block" />;
});
