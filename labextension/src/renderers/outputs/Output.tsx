import type { IOutput } from '@jupyterlab/nbformat';
import { OutputModel } from '@jupyterlab/rendermime';
import * as React from 'react';
import { usePanel } from '../../base/context';
import { Json } from '../../wire/transcript';
import { StoredImage } from '../StoredImage';
import { choose } from './choice';
import { OUTPUT_RENDERERS } from './registry';
import { RenderedOutput } from './RenderedOutput';

/** One output of code, untrusted. What may load something is shown when a person asks for it. */
export const Output = React.memo(function Output(props: { output: Json }) {
  const { rendermime, trans } = usePanel();
  const { output } = props;
  const [wantsRich, setWantsRich] = React.useState(false);
  const { shown, richer } = React.useMemo(
    () => choose(bundleOf(output), rendermime),
    [output, rendermime]
  );
  const fileId: string = output.metadata?.jupyter_assistants?.file_id ?? '';
  if (fileId && Object.keys(output.data ?? {}).length === 0) {
    return <StoredImage fileId={fileId} />;
  }
  if (richer && wantsRich) {
    return <RenderedOutput output={output} mime={richer} />;
  }
  return (
    <>
      {shown && <Shown output={output} mime={shown} />}
      {richer && (
        <button
          type="button"
          className="jp-Assistants-textButton"
          onClick={() => setWantsRich(true)}
        >
          {trans.__('Show as %1 (may load content from the network)', richer)}
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
  const Own = OUTPUT_RENDERERS.get(mime);
  return Own ? <Own output={output} /> : <RenderedOutput output={output} mime={mime} />;
}

/** Return the MIME bundle of an output as JupyterLab names its types. */
function bundleOf(output: Json): object {
  const model = new OutputModel({ value: output as IOutput, trusted: false });
  const { data } = model;
  model.dispose();
  return data;
}
