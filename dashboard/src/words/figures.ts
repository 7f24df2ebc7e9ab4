import { asNumber, figureText } from "./decimal";

export const NONE = "\u2014";

type Given = string | null | undefined;

/** `$12,345.67`. */
export function dollars(text: Given, places = 2): string {
  if (text == null) return NONE;
  return withUnit(figureText(text, { places }));
}

/** `+$12.30`, `−$4.00`. */
export function signedDollars(text: Given, places = 2): string {
  if (text == null) return NONE;
  return withUnit(figureText(text, { places, plus: true }));
}

function withUnit(shown: string): string {
  return /^[+\u2212]/.test(shown) ? `${shown[0]}$${shown.slice(1)}` : `$${shown}`;
}

/** `1.25 M`, `830.1 k`: for sizes where the order of magnitude matters, not the cent. */
export function shortDollars(text: Given): string {
  if (text == null) return NONE;
  const value = asNumber(text);
  const size = Math.abs(value);
  if (size >= 1e9) return `$${(value / 1e9).toFixed(2)}B`;
  if (size >= 1e6) return `$${(value / 1e6).toFixed(2)}M`;
  if (size >= 1e4) return `$${(value / 1e3).toFixed(1)}k`;
  return dollars(text, size >= 100 ? 0 : 2);
}

/** Whole percents as the API gives them. */
export function percent(text: Given, places = 2, plus = false): string {
  return text == null ? NONE : `${figureText(text, { places, least: Math.min(places, 1), plus })}%`;
}

/** A price or a quantity with all the digits it was given with. */
export function exact(text: Given): string {
  return text == null ? NONE : figureText(text, { places: 12, least: 0 });
}

export function count(value: number | null | undefined): string {
  return value == null ? NONE : figureText(String(value), { places: 0 });
}
