import type { IOutput } from '@jupyterlab/nbformat';
import { OutputModel } from '@jupyterlab/rendermime';
import * as React from 'react';
import { Json } from '../wire/transcript';
import { finish } from './safety/links';
import { choose, joined, unhidden } from './outputs';
import { yieldColours } from './terminalColours';
import { attach } from './attach';
import { usePanel } from '../base/context';
import { MarkdownBlock } from './MarkdownBlock';
import { StoredImage } from './StoredImage';

const SVG = 'image/svg+xml';
const MARKDOWN = 'text/markdown';

/** One output of code, untrusted. What could load something is shown when a person asks for it. */
export const Output = React.memo(function Output(props: { output: Json }) {
  const { rendermime, trans } = usePanel();
  const { output } = props;
  const [asked, setAsked] = React.useState(false);
  const bundle = React.useMemo(() => bundleOf(output), [output]);
  const { shown, richer } = React.useMemo(
    () => choose(bundle, rendermime),
    [bundle, rendermime]
  );
  const fileId: string = output.metadata?.jupyter_assistants?.file_id ?? '';
  if (fileId && Object.keys(output.data ?? {}).length === 0) {
    return <StoredImage fileId={fileId} />;
  }
  return (
    <>
      {shown && !asked && <Shown output={output} mime={shown} />}
      {richer && asked && <Rendered output={output} mime={richer} />}
      {richer && !asked && (
        <button
          type="button"
          className="jp-Assistants-textButton"
          onClick={() => setAsked(true)}
        >
          {trans.__('Show as %1; that may load things from the network', richer)}
        </button>
      )}
      {!shown && !richer && (
        <div className="jp-Assistants-empty">
          {trans.__('This output cannot be shown here.')}
        </div>
      )}
    </>
  );
});

function Shown(props: { output: Json; mime: string }): JSX.Element {
  const { output, mime } = props;
  const data: Json = output.data ?? {};
  if (mime === SVG) {
    return <SvgImage source={joined(data[SVG])} alt={joined(data['text/plain'])} />;
  }
  if (mime === MARKDOWN) {
    return (
      <div className="jp-Assistants-output">
        <MarkdownBlock source={joined(data[MARKDOWN])} />
      </div>
    );
  }
  return <Rendered output={output} mime={mime} />;
}

/** SVG as an image, in which no script runs and nothing is loaded. */
function SvgImage(props: { source: string; alt: string }): JSX.Element {
  const { trans } = usePanel();
  const address = `data:${SVG};charset=utf-8,${encodeURIComponent(props.source)}`;
  const alt = props.alt || trans.__('Image');
  return <img className="jp-Assistants-image" src={address} alt={alt} />;
}

function Rendered(props: { output: Json; mime: string }): JSX.Element {
  const { rendermime, trans } = usePanel();
  const { output, mime } = props;
  const host = React.useRef<HTMLDivElement>(null);
  // Before the page forgets the node: a renderer can only be taken out of a page that it is in.
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

/** Give the types of an output as JupyterLab names them. */
function bundleOf(output: Json): object {
  const model = new OutputModel({ value: output as IOutput, trusted: false });
  const { data } = model;
  model.dispose();
  return data;
}
