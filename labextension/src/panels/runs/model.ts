import { AssistantsClient } from '../../wire/client';
import type { Run, RunStep } from '../../wire/types';
import { OperationModel } from '../../base/operation';
import { Throttle } from '../../base/throttle';
import { EventGroup, grouped, RawEvent } from './rawEvents';

const PACE = 200;

/** The runs of a thread, with the steps and raw events of one. */
export class InspectorModel extends OperationModel {
  constructor(private _client: AssistantsClient) {
    super();
    this._throttle = new Throttle(() => this.touch(), PACE);
  }

  /** Id of the inspected thread; empty for none. */
  get thread(): string {
    return this._thread;
  }

  get runs(): Run[] {
    return this._runs;
  }

  get hasMore(): boolean {
    return this._hasMore;
  }

  /** The inspected run. */
  get run(): Run | null {
    return this._run;
  }

  get steps(): RunStep[] {
    return this._steps;
  }

  get events(): readonly RawEvent[] {
    return this._events;
  }

  /** The events, grouped by consecutive names. */
  get groups(): EventGroup[] {
    return grouped(this._events);
  }

  /** Whether events are still being read. */
  get reading(): boolean {
    return this._reading !== null;
  }

  get loading(): boolean {
    return this.doing !== '';
  }

  /** Inspect a thread and its newest run. */
  async open(thread: string): Promise<void> {
    this._stop();
    this._thread = thread;
    this._runs = [];
    this._run = null;
    if (thread === '') {
      this.touch();
      return;
    }
    await this.reload();
    if (this._thread === thread && this._run === null && this._runs.length > 0) {
      await this.select(this._runs[0]);
    }
  }

  /** Reload the newest runs. */
  async reload(): Promise<void> {
    const thread = this._thread;
    await this.attempt(async () => {
      const page = await this._client.listRuns(thread, { limit: 20 });
      if (this._thread === thread) {
        this._runs = page.data;
        this._hasMore = page.has_more;
      }
    });
  }

  async loadMore(): Promise<void> {
    const thread = this._thread;
    const after = this._runs[this._runs.length - 1]?.id;
    await this.attempt(async () => {
      const page = await this._client.listRuns(thread, { limit: 20, after });
      if (this._thread === thread) {
        this._runs = [...this._runs, ...page.data];
        this._hasMore = page.has_more;
      }
    });
  }

  /** Inspect a run: load its steps, and follow its events to their end. */
  async select(run: Run): Promise<void> {
    this._stop();
    this._run = run;
    this._steps = [];
    this._events = [];
    await this.attempt(() => this._readSteps(run));
    if (this._run?.id === run.id) {
      await this._readEvents(run);
    }
  }

  /** Stop following streams. */
  dispose(): void {
    this._stop();
    this._throttle.dispose();
  }

  private async _readSteps(run: Run): Promise<void> {
    const [fresh, steps] = await Promise.all([
      this._client.getRun(run.thread_id, run.id),
      this._client.listSteps(run.thread_id, run.id, { limit: 100, order: 'asc' })
    ]);
    if (this._run?.id === run.id) {
      this._run = fresh;
      this._runs = this._runs.map(each => (each.id === fresh.id ? fresh : each));
      this._steps = steps.data;
    }
  }

  private async _readEvents(run: Run): Promise<void> {
    const reading = (this._reading = new AbortController());
    const began = Date.now();
    try {
      const events = this._client.runEvents(run.thread_id, run.id, reading.signal);
      for await (const { event, data, id } of events) {
        const at = Date.now() - began;
        this._events.push({ number: this._events.length + 1, event, data, id, at });
        this._throttle.request();
      }
      if (!reading.signal.aborted) {
        await this._readSteps(run);
      }
    } catch (error) {
      if (!reading.signal.aborted) {
        this.complain(error as Error);
      }
    } finally {
      if (this._reading === reading) {
        this._reading = null;
        this.touch();
      }
    }
  }

  private _stop(): void {
    this._reading?.abort();
    this._reading = null;
  }

  private _thread = '';
  private _runs: Run[] = [];
  private _hasMore = false;
  private _run: Run | null = null;
  private _steps: RunStep[] = [];
  private _events: RawEvent[] = [];
  private _reading: AbortController | null = null;
  private _throttle: Throttle;
}
