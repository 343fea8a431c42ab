import { VectorStoresClient } from '../../wire/vectorStores';
import { Observable } from '../../base/observable';
import { PanelModel } from '../main/model';
import { EditorModel } from '../assistants/editor';
import { FilesModel } from '../files/model';
import { InspectorModel } from '../runs/model';

/** The tabs of the playground in order. */
export const TABS = ['start', 'assistants', 'runs', 'files'] as const;
export type Tab = (typeof TABS)[number];

/** The playground: setting up, assistants, runs, files. */
export class PlaygroundModel extends Observable {
  readonly editor: EditorModel;
  readonly inspector: InspectorModel;
  readonly files: FilesModel;

  constructor(readonly panel: PanelModel) {
    super();
    this.editor = new EditorModel(panel.client, panel.assistants);
    this.inspector = new InspectorModel(panel.client);
    this.files = new FilesModel(new VectorStoresClient(panel.client));
  }

  get tab(): Tab {
    return this._tab;
  }

  show(tab: Tab): void {
    this._tab = tab;
    this.touch();
  }

  dispose(): void {
    this.inspector.dispose();
    this.files.dispose();
  }

  private _tab: Tab = 'start';
}
