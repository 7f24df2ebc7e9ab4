/** Which theme the reader chose; kept in this browser. */
export const THEMES = ["dark", "light", "terminal"] as const;
export type Theme = (typeof THEMES)[number];

const PLACE = "undertow.theme";

function isTheme(text: string | null): text is Theme {
  return THEMES.some((theme) => theme === text);
}

export function chosenTheme(): Theme {
  const kept = localStorage.getItem(PLACE);
  if (isTheme(kept)) return kept;
  return matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  document.dispatchEvent(new CustomEvent("themechange", { detail: theme }));
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(PLACE, theme);
  applyTheme(theme);
}
