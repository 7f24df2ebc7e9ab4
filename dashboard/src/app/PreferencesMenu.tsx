import { DropdownMenu as Radix } from "radix-ui";
import { useState } from "react";
import type { Me } from "../api/overview";
import { signOut } from "../api/session";
import { chooseTheme, chosenTheme, THEMES, type Theme } from "../theme/choice";
import { MenuButton } from "./MenuButton";
import { soundIsOn, turnSound } from "./sound";

const ITEM = "flex items-center gap-2 rounded px-2 py-1.5 outline-none data-highlighted:bg-hover";
const TITLE: Record<Theme, string> = { dark: "Dark", light: "Light", terminal: "Terminal" };

interface PreferencesMenuProps {
  me: Me;
  /** Its button was pressed before it was here. */
  opened: boolean;
  /** The button that stood in its place had the focus. */
  focused: boolean;
}

export function PreferencesMenu({ me, opened, focused }: PreferencesMenuProps) {
  const [theme, setTheme] = useState(chosenTheme);
  const [sound, setSound] = useState(soundIsOn);
  return (
    <Radix.Root modal={false} defaultOpen={opened}>
      <Radix.Trigger asChild>
        <MenuButton autoFocus={focused} />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content align="end" sideOffset={4} className="z-50 min-w-56 rounded-md border border-line-strong bg-panel p-1 shadow-2xl">
          <Radix.Label className="label px-2 py-1">Theme</Radix.Label>
          <Radix.RadioGroup
            value={theme}
            onValueChange={(value) => {
              const found = THEMES.find((one) => one === value);
              if (found === undefined) return;
              chooseTheme(found);
              setTheme(found);
            }}
          >
            {THEMES.map((one) => (
              <Radix.RadioItem key={one} value={one} className={ITEM}>
                <span className="w-3">
                  <Radix.ItemIndicator>●</Radix.ItemIndicator>
                </span>
                {TITLE[one]}
              </Radix.RadioItem>
            ))}
          </Radix.RadioGroup>
          <Radix.Separator className="my-1 border-t border-line" />
          <Radix.CheckboxItem
            checked={sound}
            onCheckedChange={(on) => {
              turnSound(on);
              setSound(on);
            }}
            className={ITEM}
          >
            <span className="w-3">
              <Radix.ItemIndicator>●</Radix.ItemIndicator>
            </span>
            Sound for critical alerts
          </Radix.CheckboxItem>
          <Radix.Separator className="my-1 border-t border-line" />
          <p className="label px-2 py-1">
            {me.principal}, may {me.scopes.join(", ")}
            <br />
            {me.stage === "" ? "" : `stage ${me.stage}, `}version {me.version}
          </p>
          <Radix.Item className={ITEM} onSelect={() => signOut()}>
            <span className="w-3" />
            Forget the token
          </Radix.Item>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
