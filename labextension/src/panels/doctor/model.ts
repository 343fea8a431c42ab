import { AssistantsClient } from '../../wire/client';
import type { Check, Report } from '../../wire/types';
import { OperationModel } from '../../base/operation';

/** The doctor's checks of the server. */
export class DoctorModel extends OperationModel {
  constructor(private _client: AssistantsClient) {
    super();
  }

  /** The doctor's checks; null before they first ran. */
  get checks(): Check[] | null {
    return this._checks;
  }

  /** Run the checks that start no kernel and call no model. */
  async check(): Promise<void> {
    await this.attempt(async () => {
      this._checks = (await this._client.request<Report>('GET', '/doctor')).checks;
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

  private _checks: Check[] | null = null;
}
