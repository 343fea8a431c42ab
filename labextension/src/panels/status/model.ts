import type { Run } from '../../wire/types';
import { PanelModel } from '../main/model';

/** What the status bar tells. */
export interface Status {
  /** The model that answers, or answered last. */
  model: string;
  /** The state of the run that goes on; empty for none. */
  status: string;
  /** Tokens of all runs of the open thread that are loaded. */
  tokens: number;
}

/** Give what the status bar tells of a panel. */
export function statusOf(panel: PanelModel): Status {
  const runs = (panel.thread?.items ?? []).flatMap(each =>
    each.kind === 'run' && each.run.object ? [each.run.object as unknown as Run] : []
  );
  const active = panel.thread?.active?.object as unknown as Run | null | undefined;
  const last = active ?? runs[runs.length - 1];
  const { assistants } = panel;
  const chosen = assistants.model || assistants.current?.model || '';
  const standard = assistants.models[0]?.id ?? '';
  return {
    model:
      last?.jupyter.resolved_model ??
      (chosen && chosen !== 'default' ? chosen : standard),
    status: active?.status ?? '',
    tokens: runs.reduce((sum, each) => sum + (each.usage?.total_tokens ?? 0), 0)
  };
}
