import { LabIcon } from '@jupyterlab/ui-components';

/** Return a 24 by 24 icon of one path in the theme's icon colour. */
function icon(name: string, path: string): LabIcon {
  const svgstr =
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
    `<path class="jp-icon3 jp-icon-selectable" fill="#616161" d="${path}"/></svg>`;
  return new LabIcon({ name: `jupyter-assistants:${name}`, svgstr });
}

/** The panel's icon: a bubble with two lines. */
export const assistantIcon = icon(
  'assistant',
  'M4 3h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-7.5L8 21v-4H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z' +
    'm2 4v2h12V7zm0 4v2h8v-2z'
);

/** A path that forks. */
export const branchIcon = icon(
  'branch',
  'M6 3a3 3 0 0 1 1 5.8v6.4a3 3 0 1 1-2 0V8.8A3 3 0 0 1 6 3zm12 0a3 3 0 0 1 1 5.8V10' +
    'a4 4 0 0 1-4 4h-4a2 2 0 0 0-2 2v.2H7V14a4 4 0 0 1 3-2h5a2 2 0 0 0 2-2V8.8A3 3 0 0 1 18 3z'
);

const HAND =
  'M2 10h4v11H2zm6 .5L13.5 2c1.2 0 2 .9 2 2.2L14.7 9H20a2 2 0 0 1 2 2.4l-1.5 7.6' +
  'A2.5 2.5 0 0 1 18 21H8z';

export const thumbUpIcon = icon('thumb-up', HAND);

export const thumbDownIcon = new LabIcon({
  name: 'jupyter-assistants:thumb-down',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
    '<g transform="rotate(180 12 12)">' +
    `<path class="jp-icon3 jp-icon-selectable" fill="#616161" d="${HAND}"/></g></svg>`
});
