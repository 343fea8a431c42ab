import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { render, RenderResult } from '@testing-library/react';
import * as React from 'react';
import { CodeField, CodeFieldFactory } from '../../src/base/codeField';
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

/** The code field that was created last, for tests that decide what of it is in view. */
export let codeField: CodeField.IOptions;

/** A text area in place of JupyterLab's editor; all of its code is in view at once. */
const plainCodeField: CodeFieldFactory = options => {
  codeField = options;
  const area = document.createElement('textarea');
  area.setAttribute('aria-label', options.label);
  area.textContent = options.text;
  area.addEventListener('input', () => options.onChange(area.value));
  options.host.append(area);
  options.onUnread({ lines: 0, cut: 0 });
  return {
    isDisposed: false,
    dispose: () => area.remove(),
    showUnread: () => options.onUnread({ lines: 0, cut: 0 }),
    wrap: () => undefined,
    lock: locked => void (area.disabled = locked)
  };
};

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
    actions: {} as PanelActions,
    newCodeField: plainCodeField
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
