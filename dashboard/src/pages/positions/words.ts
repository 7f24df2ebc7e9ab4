import { asNumber, figureText } from "../../words/decimal";
import { NONE } from "../../words/figures";

/** A price with as many digits as matter at its size: an average entry has dozens behind the point. */
export function price(text: string | null | undefined): string {
  if (text == null) return NONE;
  const size = Math.abs(asNumber(text));
  const places = size >= 1_000 ? 2 : size >= 10 ? 3 : size >= 1 ? 4 : 8;
  return figureText(text, { places, least: 0 });
}

/** A quantity in base units. */
export function quantity(text: string | null | undefined): string {
  return text == null ? NONE : figureText(text, { places: 6, least: 0 });
}

const MODES: Readonly<Record<string, string>> = { live: "LIVE", paper: "PAPER", demo: "DEMO", simulate: "SIMULATED" };

export function modeName(mode: string): string {
  return MODES[mode] ?? mode.toUpperCase();
}

/** `ut-s-7khziv…jgtc`: enough to tell orders apart; the whole stands in the tooltip. */
export function shortId(id: string): string {
  return id.length <= 16 ? id : `${id.slice(0, 10)}\u2026${id.slice(-4)}`;
}
