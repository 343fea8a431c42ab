import type { Thread } from '../../wire/types';
import { PanelContext } from '../../base/context';

/** The forms in which a thread can be saved. */
export type ExportFormat = 'json' | 'markdown' | 'notebook';

/** Let the browser save a thread. */
export async function saveExport(
  context: PanelContext,
  thread: Thread,
  format: ExportFormat
): Promise<void> {
  const { panel, actions } = context;
  await panel.attempt(async () => {
    const { blob, filename } = await panel.client.exportThread(thread.id, format);
    actions.save(blob, filename);
  });
}
