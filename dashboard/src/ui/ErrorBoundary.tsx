import { Component, type ReactNode } from "react";
import { Button } from "./Button";

interface State {
  error: Error | null;
}

/** An error of one part of the page must not take the emergency stop with it. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <div role="alert" className="m-2 flex flex-col items-start gap-2 rounded border border-danger bg-danger-soft p-4">
        <p className="font-medium">This part of the page made an error and was stopped. Nothing was sent.</p>
        <p className="figure text-dim whitespace-normal">{error.message}</p>
        <Button onClick={() => this.setState({ error: null })}>Show it again</Button>
      </div>
    );
  }
}
