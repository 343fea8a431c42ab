import type { Run } from '../../wire/types';
import { PanelModel } from '../main/model';

/** The contents of the status bar item. */
export interface Status {
  /** The model of the active or the last run. */
  model: string;
  /** Status of the active run; empty for none. */
  status: string;
  /** Tokens of the loaded runs of the open thread. */
  tokens: number;
}

/** Return the contents of the status bar item. */
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
