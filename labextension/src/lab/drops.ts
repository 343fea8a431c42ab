import { PathExt } from '@jupyterlab/coreutils';
import type { Drag } from '@lumino/dragdrop';
import type { Widget } from '@lumino/widgets';
import { PanelModel } from '../panels/main/model';

const CELLS = 'application/vnd.jupyter.cells';
const PATHS = 'application/x-jupyter-icontents';

/** Attach files of the file browser and cells of a notebook that are dropped on the panel. */
export function acceptDrops(widget: Widget, panel: PanelModel): void {
  const { node } = widget;
  const take = (event: Event): void => {
    const drag = event as Drag.Event;
    if (!drag.mimeData.hasData(PATHS) && !drag.mimeData.hasData(CELLS)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    drag.dropAction = drag.proposedAction;
    if (event.type === 'lm-drop') {
      drag.dropAction = 'copy';
      drop(drag, panel);
    }
  };
  // Never removed: the panel lives as long as the page.
  for (const name of ['lm-dragenter', 'lm-dragover', 'lm-drop']) {
    node.addEventListener(name, take);
  }
}

function drop(drag: Drag.Event, panel: PanelModel): void {
  panel.show('thread');
  if (drag.mimeData.hasData(PATHS)) {
    for (const path of drag.mimeData.getData(PATHS) as string[]) {
      void panel.attempt(async () =>
        panel.composer.attach(
          await panel.workspace.readFile(path),
          PathExt.basename(path)
        )
      );
    }
    return;
  }
  const ids = (drag.mimeData.getData(CELLS) as { id?: string }[]).map(each => each.id);
  for (const cell of panel.workspace.cells()) {
    if (ids.includes(cell.id)) {
      panel.composer.attachCell(cell, panel.notebooks.current?.name ?? '');
    }
  }
}
