import type { ComponentProps } from "react";
import { Button } from "../ui/Button";

/** What opens the menu of preferences, with the menu and before it is there. */
export function MenuButton(props: ComponentProps<"button">) {
  return (
    <Button tone="quiet" className="w-8 px-0" aria-label="Appearance, sound and sign out" {...props}>
      <span aria-hidden>☰</span>
    </Button>
  );
}
