import type { IOutput } from '@jupyterlab/nbformat';
import { OutputModel } from '@jupyterlab/rendermime';
import * as React from 'react';
import { Json } from '../model/transcript';
import { usePanel } from './context';
import { StoredImage } from './StoredImage';

const SVG = 'image/svg+xml';
const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** One output of code, untrusted. */
export const Output = React.memo(function Output(props: { output: Json }) {
  const { output } = props;
  const fileId: string = output.metadata?.jupyter_assistants?.file_id ?? '';
  const data: Json = output.data ?? {};
  if (fileId && Object.keys(data).length === 0) {
    return <StoredImage fileId={fileId} />;
  }
  if (data[SVG] && !IMAGES.some(mime => data[mime])) {
    return (
      <SvgImage source={joined(data[SVG])} alt={joined(data['text/plain'] ?? '')} />
    );
  }
  return <Rendered output={output} />;
});

/** SVG as an image, in which no script runs and nothing is loaded. */
function SvgImage(props: { source: string; alt: string }): JSX.Element {
  const address = `data:${SVG};charset=utf-8,${encodeURIComponent(props.source)}`;
  return <img className="jp-Assistants-image" src={address} alt={props.alt} />;
}

function Rendered(props: { output: Json }): JSX.Element {
  const { rendermime, trans } = usePanel();
  const host = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    const node = host.current;
    const model = new OutputModel({ value: props.output as IOutput, trusted: false });
    const mime = rendermime.preferredMimeType(model.data, 'ensure');
    if (node === null || mime === undefined) {
      if (node !== null) {
        node.textContent = trans.__('This output cannot be shown here.');
      }
      return;
    }
    const renderer = rendermime.createRenderer(mime);
    renderer.node.dataset.mimeType = mime;
    node.replaceChildren(renderer.node);
    void renderer.renderModel(model);
    return () => {
      renderer.dispose();
      model.dispose();
    };
  }, [props.output, rendermime, trans]);
  return <div ref={host} className="jp-Assistants-output" />;
}

function joined(text: string | string[]): string {
  return Array.isArray(text) ? text.join('') : String(text);
}
