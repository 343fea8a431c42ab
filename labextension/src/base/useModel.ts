import * as React from 'react';
import { Observed } from './observable';

/** Redraw a component whenever a model changes. */
export function useModel(model: Observed | null): void {
  const subscribe = React.useCallback(
    (notify: () => void) => {
      model?.changed.connect(notify);
      return () => {
        model?.changed.disconnect(notify);
      };
    },
    [model]
  );
  React.useSyncExternalStore(subscribe, () => model?.revision ?? 0);
}
