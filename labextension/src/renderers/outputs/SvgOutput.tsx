import * as React from 'react';
import { usePanel } from '../../base/context';
import { Json } from '../../wire/transcript';
import { joined } from './choice';

const MIME = 'image/svg+xml';

/** SVG as an image, in which no script runs and nothing is loaded. */
export function SvgOutput(props: { output: Json }): JSX.Element {
  const { trans } = usePanel();
  const { data } = props.output;
  const address = `data:${MIME};charset=utf-8,${encodeURIComponent(joined(data[MIME]))}`;
  const alt = joined(data['text/plain']) || trans.__('Image');
  return <img className="jp-Assistants-image" src={address} alt={alt} />;
}
