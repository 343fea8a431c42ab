import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { render, RenderResult } from '@testing-library/react';
import * as React from 'react';
import { PanelActions, PanelContext, PanelProvider } from '../../src/base/context';
import { Drafts } from '../../src/panels/composer/drafts';
import { PanelModel } from '../../src/panels/main/model';
import { Api } from './api';

/** A renderer that writes the sources that it is given, in place of JupyterLab's. */
class PlainRenderer extends Widget {
  renderModel(model: { data: Record<string, unknown> }): Promise<void> {
    this.node.textContent = Object.values(model.data).map(String).join('\n');
    return Promise.resolve();
  }
}

/** A panel on the API of a test, without a notebook. */
export function panelContext(api = new Api()): PanelContext {
  const notebooks = { current: null, revision: 0 } as Record<string, unknown>;
  notebooks.changed = new Signal(notebooks);
  const panel = new PanelModel({
    client: api.client,
    notebooks: notebooks as never,
    workspace: {
      listFiles: async () => [],
      readFile: async () => new Blob(),
      cells: () => [],
      activeCell: () => null
    },
    drafts: new Drafts(localStorage)
  });
  const rendermime = {
    mimeTypes: ['text/plain', 'text/html', 'image/png', 'application/vnd.map+json'],
    getFactory: () => ({ safe: true }),
    createRenderer: () => new PlainRenderer()
  };
  return {
    panel,
    rendermime: rendermime as never,
    trans: nullTranslator.load('jupyter_assistants'),
    actions: {} as PanelActions
  };
}

/** Render an element with everything that components of the panel can use. */
export function renderInPanel(
  element: JSX.Element,
  context = panelContext()
): RenderResult {
  return render(
    <PanelProvider value={context}>
      <div className="jp-Assistants-panel">{element}</div>
    </PanelProvider>
  );
}
