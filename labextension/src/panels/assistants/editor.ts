import { AssistantsClient } from '../../wire/client';
import type { Assistant, ListedTool, ModifyAssistant } from '../../wire/types';
import { AssistantsModel } from './model';
import { OperationModel } from '../../base/operation';
import {
  AssistantForm,
  bodyOf,
  copyName,
  formOf,
  newForm,
  Problem,
  problemsOf
} from './form';

/** The editor of an existing or a new assistant. */
export class EditorModel extends OperationModel {
  constructor(
    private _client: AssistantsClient,
    private _assistants: AssistantsModel
  ) {
    super();
  }

  /** The assistant as it is stored; null for a new one. */
  get assistant(): Assistant | null {
    return this._assistant;
  }

  get form(): AssistantForm {
    return this._form;
  }

  get problems(): Problem[] {
    return this._problems;
  }

  /** Whether there are unsaved changes. */
  get dirty(): boolean {
    return JSON.stringify(this._form) !== this._stored;
  }

  get saving(): boolean {
    return this.doing === 'work';
  }

  /** Whether the form was saved and not changed since. */
  get saved(): boolean {
    return this._saved;
  }

  /** The hosted tools that the server has. */
  get tools(): readonly ListedTool[] {
    return this._tools;
  }

  /** Load the hosted tools. */
  async loadTools(): Promise<void> {
    await this.attempt(async () => {
      this._tools = await this._client.listTools();
    }, 'tools');
  }

  /** Edit an assistant, or a new one. Unsaved changes are lost: ask first. */
  edit(assistant: Assistant | null): void {
    this._assistant = assistant;
    this._begin(assistant === null ? newForm() : formOf(assistant));
  }

  /** Change fields. */
  change(fields: Partial<AssistantForm>): void {
    this._form = { ...this._form, ...fields };
    this._problems = problemsOf(this._form);
    this._saved = false;
    this.touch();
  }

  /** Discard unsaved changes. */
  revert(): void {
    this.edit(this._assistant);
  }

  /** Save the form; returns false if it has problems or the server refuses it. */
  async save(): Promise<boolean> {
    this._problems = problemsOf(this._form);
    if (this._problems.length > 0) {
      this.touch();
      return false;
    }
    const body = bodyOf(this._form);
    const saved = await this.attempt(async () => {
      this._assistant =
        this._assistant === null
          ? await this._client.createAssistant(body)
          : await this._client.modifyAssistant(
              this._assistant.id,
              body as ModifyAssistant
            );
      await this._assistants.load();
    });
    if (saved) {
      this._begin(formOf(this._assistant!));
      this._saved = true;
      this.touch();
    }
    return saved;
  }

  /** Create a copy of an assistant and edit it. */
  async duplicate(assistant: Assistant): Promise<boolean> {
    const taken = this._assistants.assistants.map(each => each.name ?? '');
    const name = copyName(assistant.name ?? assistant.id, taken);
    return this.attempt(async () => {
      const body = bodyOf({ ...formOf(assistant), name });
      const created = await this._client.createAssistant(body);
      await this._assistants.load();
      this.edit(created);
    });
  }

  async remove(assistant: Assistant): Promise<boolean> {
    return this.attempt(async () => {
      await this._client.deleteAssistant(assistant.id);
      await this._assistants.load();
      if (this._assistant?.id === assistant.id) {
        this.edit(null);
      }
    });
  }

  private _begin(form: AssistantForm): void {
    this._form = form;
    this._stored = JSON.stringify(form);
    this._problems = [];
    this._saved = false;
    this.complain(null);
  }

  private _assistant: Assistant | null = null;
  private _tools: readonly ListedTool[] = [];
  private _form = newForm();
  private _stored = JSON.stringify(newForm());
  private _problems: Problem[] = [];
  private _saved = false;
}
