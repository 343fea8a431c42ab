import type { Model } from '../../wire/types';

/** Return models grouped by endpoint, in the order of the list. */
export function byEndpoint(models: readonly Model[]): [string, Model[]][] {
  const groups = new Map<string, Model[]>();
  for (const model of models) {
    const endpoint = model.jupyter.endpoint ?? model.owned_by;
    groups.set(endpoint, [...(groups.get(endpoint) ?? []), model]);
  }
  return [...groups];
}

/** Return why a model cannot be used now; null if it can. */
export function whyNot(model: Model): string | null {
  return model.jupyter.usable ? null : (model.jupyter.why ?? '?');
}
