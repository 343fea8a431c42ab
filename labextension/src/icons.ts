import { LabIcon } from '@jupyterlab/ui-components';

const BUBBLE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
  '<path class="jp-icon3 jp-icon-selectable" fill="#616161" ' +
  'd="M4 3h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-7.5L8 21v-4H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm2 4v2h12V7zm0 4v2h8v-2z"/></svg>';

/** The panel's icon. */
export const assistantIcon = new LabIcon({
  name: 'jupyter-assistants:assistant',
  svgstr: BUBBLE
});
