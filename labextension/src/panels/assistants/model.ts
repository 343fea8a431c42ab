import { AssistantsClient } from '../../wire/client';
import { everyPage } from '../../wire/pages';
import type { Assistant, Model } from '../../wire/types';
import { OperationModel } from '../../base/operation';

/** Name of the default assistant, which `%%assistant` uses too. */
export const DEFAULT_ASSISTANT = 'notebook';

/** The assistants and models, and the chosen ones. */
export class AssistantsModel extends OperationModel {
  constructor(private _client: AssistantsClient) {
    super();
  }

  get assistants(): Assistant[] {
    return this._assistants;
  }

  get models(): Model[] {
    return this._models;
  }

  /** The chosen or default assistant; null while there is none. */
  get current(): Assistant | null {
    const chosen = this._assistants.find(each => each.id === this._chosen);
    return (
      chosen ?? this._assistants.find(each => each.name === DEFAULT_ASSISTANT) ?? null
    );
  }

  /** The model chosen for the next runs; empty for the assistant's own. */
  get model(): string {
    return this._model;
  }

  /** Read both lists. */
  async load(): Promise<void> {
    await this.attempt(async () => {
      [this._assistants, this._models] = await Promise.all([
        everyPage(after => this._client.listAssistants({ limit: 100, after })),
        this._client.listModels()
      ]);
    });
  }

  choose(assistant: string): void {
    this._chosen = assistant;
    this.touch();
  }

  chooseModel(model: string): void {
    this._model = model;
    this.touch();
  }

  /**
   * Return the current assistant; create the default one if there is none.
   *
   * It has no instructions, so it follows the server's default ones.
   */
  async require(): Promise<Assistant> {
    if (this.current === null) {
      await this.load();
    }
    if (this.current !== null) {
      return this.current;
    }
    const created = await this._client.createAssistant({
      name: DEFAULT_ASSISTANT,
      model: 'default',
      tools: [{ type: 'code_interpreter' }]
    });
    this._assistants = [created, ...this._assistants];
    this.touch();
    return created;
  }

  private _assistants: Assistant[] = [];
  private _models: Model[] = [];
  private _chosen = '';
  private _model = '';
}
