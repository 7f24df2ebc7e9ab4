import { useState } from "react";
import type { Me } from "../api/overview";
import { later, useLater } from "../ui/later";
import { MenuButton } from "./MenuButton";

const MENU = later(() => import("./PreferencesMenu"));

/** Appearance, sound, and leaving. Until the menu is fetched its button stands there alone, and remembers a press. */
export function Preferences({ me }: { me: Me }) {
  const part = useLater(MENU);
  const [pressed, setPressed] = useState(false);
  const [focused, setFocused] = useState(false);
  if (part !== undefined) return <part.PreferencesMenu me={me} opened={pressed} focused={focused} />;
  return <MenuButton aria-haspopup="menu" aria-expanded={false} aria-busy={pressed} onClick={() => setPressed(true)} onFocus={() => setFocused(true)} onBlur={() => setFocused(false)} />;
}
