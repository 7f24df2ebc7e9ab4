import type { ReactNode } from "react";
import { later, useLater } from "./later";

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** One or two sentences: what will happen, to which account, for how many dollars. */
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons. A way back is always there. */
  actions?: ReactNode;
  wide?: boolean;
}

/** What holds the focus in a window weighs more than all the windows do: it comes after the first picture of the page. */
const WINDOW = later(() => import("./DialogWindow"));

export function Dialog(props: DialogProps) {
  const part = useLater(WINDOW);
  if (part !== undefined) return <part.DialogWindow {...props} />;
  if (!props.open) return null;
  return (
    <p role="status" className="fixed inset-x-3 top-16 z-50 rounded border border-line-strong bg-panel p-4 shadow-2xl">
      {props.title}: opening…
    </p>
  );
}
