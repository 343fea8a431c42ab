import type { IOutput } from '@jupyterlab/nbformat';
import { OutputModel } from '@jupyterlab/rendermime';
import * as React from 'react';
import { usePanel } from '../../base/context';
import { Json } from '../../wire/transcript';
import { attach } from '../attach';
import { finish } from '../safety/links';
import { joined, unhidden } from './choice';
import { yieldColours } from './terminalColours';

/** An output drawn by the renderer that JupyterLab or another extension has for its type. */
export function RenderedOutput(props: { output: Json; mime: string }): JSX.Element {
  const { rendermime, trans } = usePanel();
  const { output, mime } = props;
  const host = React.useRef<HTMLDivElement>(null);
  // A layout effect: a renderer can be removed only while its node is still in the page.
  React.useLayoutEffect(() => {
    const node = host.current!;
    const value = unhidden(output) as IOutput;
    const model = new OutputModel({ value, trusted: false });
    const renderer = rendermime.createRenderer(mime);
    renderer.node.dataset.mimeType = mime;
    node.replaceChildren();
    attach(renderer, node);
    void renderer.renderModel(model).then(() => {
      finish(node);
      if (mime !== 'text/html') {
        yieldColours(node);
      }
      const alt = joined(output.data?.['text/plain']) || trans.__('Image');
      node
        .querySelectorAll('img:not([alt])')
        .forEach(each => each.setAttribute('alt', alt));
    });
    return () => {
      renderer.dispose();
      model.dispose();
    };
  }, [output, mime, rendermime, trans]);
  return <div ref={host} className="jp-Assistants-output" />;
}
