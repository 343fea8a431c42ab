import { AssistantsClient } from '../../wire/client';
import type { Check, ListedEndpoint, Model, Report } from '../../wire/types';
import { Attempting } from '../../base/attempting';

/** The model of rules that is there without any key. */
export const DEMO = 'demo';

/** Whether everything is in order here, and what could answer: the first-run page. */
export class SetupModel extends Attempting {
  constructor(private _client: AssistantsClient) {
    super();
  }

  /** What the doctor found; null before the first look. */
  get checks(): Check[] | null {
    return this._checks;
  }

  get endpoints(): ListedEndpoint[] {
    return this._endpoints;
  }

  /** The model that answers where nobody names one; null while it is unknown. */
  get defaultModel(): Model | null {
    return this._default;
  }

  /** Whether only the demo would answer. */
  get onlyDemo(): boolean {
    return this._default?.id === DEMO;
  }

  /** Endpoints that can be connected as they are. */
  get offered(): ListedEndpoint[] {
    return this._endpoints.filter(each => each.status === 'offered');
  }

  get connected(): ListedEndpoint[] {
    return this._endpoints.filter(each => each.status === 'connected');
  }

  /** Read the endpoints and the default model only: what an empty thread shows. */
  async glance(): Promise<void> {
    if (this.doing === '' && this._default === null) {
      await this.attempt(() => this._readEndpoints(), 'glance');
    }
  }

  /** Look at everything, without starting a kernel or asking a model. */
  async look(): Promise<void> {
    await this.attempt(async () => {
      const [report] = await Promise.all([
        this._client.request<Report>('GET', '/doctor'),
        this._readEndpoints()
      ]);
      this._checks = report.checks;
    }, 'look');
  }

  /** Start a kernel and ask the default model for real; it costs a few tokens. */
  async tryForReal(): Promise<void> {
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
