import { AssistantsClient } from '../../wire/client';
import type { ListedEndpoint, Model } from '../../wire/types';
import { OperationModel } from '../../base/operation';

/** The built-in model that needs no key. */
export const DEMO = 'demo';

/** Endpoints of models, and the model that answers by default. */
export class EndpointsModel extends OperationModel {
  constructor(private _client: AssistantsClient) {
    super();
  }

  /** The server's default model; null until it is loaded. */
  get defaultModel(): Model | null {
    return this._default;
  }

  /** Whether the demo model is the default. */
  get onlyDemo(): boolean {
    return this._default?.id === DEMO;
  }

  get connected(): ListedEndpoint[] {
    return this._having('connected');
  }

  /** Endpoints that were found and can be connected. */
  get offered(): ListedEndpoint[] {
    return this._having('offered');
  }

  /** Endpoints whose key or server is missing. */
  get absent(): ListedEndpoint[] {
    return this._having('absent');
  }

  /** Load what is there; what was loaded before stays until it is replaced. */
  async load(): Promise<boolean> {
    return this.attempt(() => this._read(), 'load');
  }

  /** Load what is there unless it was loaded, for the empty thread. */
  async loadOnce(): Promise<void> {
    if (this.doing === '' && this._default === null) {
      await this.load();
    }
  }

  /** Connect an endpoint that was found. The server knows its address and its key. */
  async connect(endpoint: string): Promise<boolean> {
    return this._change(endpoint, 'connect');
  }

  async disconnect(endpoint: string): Promise<boolean> {
    return this._change(endpoint, 'disconnect');
  }

  private async _change(
    endpoint: string,
    verb: 'connect' | 'disconnect'
  ): Promise<boolean> {
    return this.attempt(async () => {
      const path = `/endpoints/${encodeURIComponent(endpoint)}/${verb}`;
      await this._client.request('POST', path, {});
      await this._read();
    }, endpoint);
  }

  private async _read(): Promise<void> {
    const [endpoints, models] = await Promise.all([
      this._client.request<{ data: ListedEndpoint[] }>('GET', '/endpoints'),
      this._client.listModels()
    ]);
    this._endpoints = endpoints.data;
    this._default = models[0] ?? null;
  }

  private _having(status: ListedEndpoint['status']): ListedEndpoint[] {
    return this._endpoints.filter(each => each.status === status);
  }

  private _endpoints: ListedEndpoint[] = [];
  private _default: Model | null = null;
}
