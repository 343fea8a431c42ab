import type { Thread } from '../../wire/types';
import { PanelContext } from '../../base/context';

/** Export formats of a thread. */
export type ExportFormat = 'json' | 'markdown' | 'notebook';

/** Save an export of a thread through the browser. */
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
