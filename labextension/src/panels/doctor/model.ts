import { AssistantsClient } from '../../wire/client';
import type { Check, ListedEndpoint, Model, Report } from '../../wire/types';
import { OperationModel } from '../../base/operation';

/** The built-in model that needs no key. */
export const DEMO = 'demo';

/** The doctor's checks, the endpoints and the default model. */
export class DoctorModel extends OperationModel {
  constructor(private _client: AssistantsClient) {
    super();
  }

  /** The doctor's checks; null before they first ran. */
  get checks(): Check[] | null {
    return this._checks;
  }

  get endpoints(): ListedEndpoint[] {
    return this._endpoints;
  }

  /** The server's default model; null until it is loaded. */
  get defaultModel(): Model | null {
    return this._default;
  }

  /** Whether the demo model is the default. */
  get onlyDemo(): boolean {
    return this._default?.id === DEMO;
  }

  /** Endpoints that were found and can be connected. */
  get offered(): ListedEndpoint[] {
    return this._endpoints.filter(each => each.status === 'offered');
  }

  get connected(): ListedEndpoint[] {
    return this._endpoints.filter(each => each.status === 'connected');
  }

  /** Load the endpoints and the default model once, for the empty thread. */
  async loadEndpoints(): Promise<void> {
    if (this.doing === '' && this._default === null) {
      await this.attempt(() => this._readEndpoints(), 'load');
    }
  }

  /** Run the checks that start no kernel and call no model. */
  async check(): Promise<void> {
    await this.attempt(async () => {
      const [report] = await Promise.all([
        this._client.request<Report>('GET', '/doctor'),
        this._readEndpoints()
      ]);
      this._checks = report.checks;
    }, 'check');
  }

  /** Run the checks with a kernel and a call of the default model; it costs a few tokens. */
  async checkForReal(): Promise<void> {
    await this.attempt(async () => {
      const body = { kernel: true, model: true };
      this._checks = (
        await this._client.request<Report>('POST', '/doctor', body)
      ).checks;
    }, 'try');
  }

  /** Connect an endpoint that was found. */
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
      await this._readEndpoints();
      if (this._checks !== null) {
        this._checks = (await this._client.request<Report>('GET', '/doctor')).checks;
      }
    }, endpoint);
  }

  private async _readEndpoints(): Promise<void> {
    const [endpoints, models] = await Promise.all([
      this._client.request<{ data: ListedEndpoint[] }>('GET', '/endpoints'),
      this._client.listModels()
    ]);
    this._endpoints = endpoints.data;
    this._default = models[0] ?? null;
  }

  private _checks: Check[] | null = null;
  private _endpoints: ListedEndpoint[] = [];
  private _default: Model | null = null;
}
