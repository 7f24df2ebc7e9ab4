import type { ReactNode } from "react";

/** The one h1 of a page. `children` behind the title: filters, actions. */
export function PageTitle({ children, beside }: { children: ReactNode; beside?: ReactNode }) {
  return (
    <header className="mb-2 flex min-h-7 flex-wrap items-center gap-x-4 gap-y-2">
      <h1 className="text-base font-semibold tracking-tight">{children}</h1>
      {beside}
    </header>
  );
}
