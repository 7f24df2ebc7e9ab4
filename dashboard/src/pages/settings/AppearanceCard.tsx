import { useEffect, useState } from "react";
import { Card } from "../../ui/Card";
import { soundIsOn, turnSound } from "../../app/sound";
import { chooseDensity, chosenDensity, type Density } from "../../theme/comfort";
import { chooseTheme, chosenTheme, type Theme } from "../../theme/choice";
import { Choices } from "./Choices";

const THEMES: readonly { value: Theme; title: string; hint: string }[] = [
  { value: "dark", title: "Dark", hint: "lime and orange on near black" },
  { value: "light", title: "Light", hint: "for bright rooms" },
  { value: "terminal", title: "Terminal", hint: "one colour; signs and shapes say the rest" },
];
const DENSITIES: readonly { value: Density; title: string; hint: string }[] = [
  { value: "compact", title: "Compact", hint: "more rows on the screen" },
  { value: "usual", title: "Usual", hint: "" },
  { value: "large", title: "Large", hint: "easier to read from afar" },
];
const SOUNDS: readonly { value: "off" | "on"; title: string; hint: string }[] = [
  { value: "off", title: "Off", hint: "" },
  { value: "on", title: "On", hint: "for critical alerts; you hear it now" },
];

/** How the page looks and sounds, for this browser only. */
export function AppearanceCard() {
  const [theme, setTheme] = useState(chosenTheme);
  const [density, setDensity] = useState(chosenDensity);
  const [sounds, setSounds] = useState(soundIsOn);
  // Themes can be chosen elsewhere on the page too.
  useEffect(() => {
    const follow = () => setTheme(chosenTheme());
    document.addEventListener("themechange", follow);
    return () => document.removeEventListener("themechange", follow);
  }, []);
  return (
    <Card title="Appearance" source="kept in this browser">
      <div className="grid gap-4 sm:grid-cols-3">
        <Choices legend="Theme" value={theme} choices={THEMES} onValue={chooseTheme} />
        <Choices
          legend="Density"
          value={density}
          choices={DENSITIES}
          onValue={(chosen) => {
            chooseDensity(chosen);
            setDensity(chosen);
          }}
        />
        <Choices
          legend="Sound"
          value={sounds ? "on" : "off"}
          choices={SOUNDS}
          onValue={(chosen) => {
            turnSound(chosen === "on");
            setSounds(chosen === "on");
          }}
        />
      </div>
    </Card>
  );
}
