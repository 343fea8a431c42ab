import * as React from 'react';
import { usePanel } from './context';

export namespace Guarded {
  export interface IProps {
    children: React.ReactNode;
  }
}

/** An error boundary: shows a note in place of children that fail to draw. */
export function Guarded(props: Guarded.IProps): JSX.Element {
  const { trans } = usePanel();
  return (
    <Boundary note={trans.__('This part cannot be shown.')}>{props.children}</Boundary>
  );
}

class Boundary extends React.Component<
  { note: string; children: React.ReactNode },
  { failed: boolean }
> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): React.ReactNode {
    return this.state.failed ? (
      <div className="jp-Assistants-empty">{this.props.note}</div>
    ) : (
      this.props.children
    );
  }
}
