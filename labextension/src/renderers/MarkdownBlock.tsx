import { MimeModel } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime';
import * as React from 'react';
import { visible } from '../base/hiddenCharacters';
import { attach } from './attach';
import { finish, ResolveName } from './safety/links';
import { usePanel } from '../base/context';

const MIME = 'text/markdown';

/** One block of Markdown. It is rendered again only when its source changed. */
export const MarkdownBlock = React.memo(function MarkdownBlock(props: {
  source: string;
  /** Finds what links without a scheme mean; without it they become text. */
  resolve?: ResolveName;
}) {
  const { rendermime } = usePanel();
  const host = React.useRef<HTMLDivElement>(null);
  const renderer = React.useRef<IRenderMime.IRenderer | null>(null);
  const { source, resolve } = props;
  // A layout effect: a renderer can be removed only while its node is still in the page.
  React.useLayoutEffect(() => {
    const created = rendermime.createRenderer(MIME);
    renderer.current = created;
    attach(created, host.current);
    return () => {
      renderer.current = null;
      created.dispose();
    };
  }, [rendermime]);
  React.useEffect(() => {
    const data = { [MIME]: visible(source) };
    const model = new MimeModel({ data, trusted: false });
    const rendered = renderer.current?.renderModel(model);
    void rendered?.then(() => host.current && finish(host.current, resolve));
  }, [rendermime, source, resolve]);
  return <div ref={host} className="jp-Assistants-block" />;
});
