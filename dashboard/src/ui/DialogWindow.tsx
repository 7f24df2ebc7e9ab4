import { Dialog as Radix } from "radix-ui";
import { buttonLook } from "./Button";
import type { DialogProps } from "./Dialog";

/** The window itself. Pages open it by `Dialog`, which fetches it. */
export function DialogWindow({ open, onOpenChange, title, description, children, actions, wide = false }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        {/* Not Radix' own overlay: it writes a style element, which the page's security policy forbids. */}
        <div aria-hidden className="fixed inset-0 z-40 bg-ground/75" />
        <Radix.Content
          {...(description === undefined ? { "aria-describedby": undefined } : {})}
          className={`fixed top-1/2 left-1/2 z-50 flex max-h-[92dvh] w-[calc(100vw-1.5rem)] -translate-x-1/2 -translate-y-1/2 flex-col rounded-lg border border-line-strong bg-panel shadow-2xl ${wide ? "max-w-3xl" : "max-w-lg"}`}
        >
          <header className="flex items-start gap-3 border-b border-line px-4 py-3">
            <Radix.Title className="text-sm font-semibold">{title}</Radix.Title>
            <Radix.Close className="-mr-1 ml-auto px-1 text-dim hover:text-text" aria-label="Close this window">
              ✕
            </Radix.Close>
          </header>
          <div className="flex flex-col gap-3 overflow-y-auto p-4">
            {description !== undefined && (
              <Radix.Description asChild>
                <div className="text-dim">{description}</div>
              </Radix.Description>
            )}
            {children}
          </div>
          <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-4 py-3">
            <Radix.Close className={buttonLook("plain")}>Back</Radix.Close>
            {actions}
          </footer>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
