import { useSyncExternalStore } from "react";
import type { ChartOptions, DeepPartial } from "lightweight-charts";

/** What is drawn on a canvas takes its colours from the theme, and is drawn again when the theme changes. */
export interface Paint {
  ground: string;
  line: string;
  text: string;
  dim: string;
  faint: string;
  profit: string;
  loss: string;
  reserved: string;
  warning: string;
  warningSoft: string;
  font: string;
}

let version = 0;

function subscribe(reader: () => void): () => void {
  const changed = () => {
    version += 1;
    reader();
  };
  document.addEventListener("themechange", changed);
  return () => document.removeEventListener("themechange", changed);
}

/** Another number after every change of the theme. */
export function useThemeVersion(): number {
  return useSyncExternalStore(subscribe, () => version);
}

export function paint(): Paint {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(`--paint-${name}`).trim();
  return {
    ground: of("panel"),
    line: of("line"),
    text: of("text"),
    dim: of("dim"),
    faint: of("faint"),
    profit: of("profit"),
    loss: of("loss"),
    reserved: of("reserved"),
    warning: of("warning"),
    warningSoft: of("warning-soft"),
    font: style.getPropertyValue("--face-figure").trim(),
  };
}

/** `#rrggbb` with an opacity of 0 to 1. */
export function faded(colour: string, opacity: number): string {
  const share = Math.round(opacity * 255).toString(16).padStart(2, "0");
  return /^#[0-9a-f]{6}$/i.test(colour) ? `${colour}${share}` : colour;
}

/**
 * Common to every chart. The library's logo brings a style sheet of its own, which the page's security policy forbids:
 * it is named in words below each chart instead.
 */
export function chartOptions(colours: Paint): DeepPartial<ChartOptions> {
  return {
    autoSize: true,
    layout: {
      attributionLogo: false,
      background: { color: colours.ground },
      textColor: colours.dim,
      fontFamily: colours.font,
      fontSize: 11,
      panes: { separatorColor: colours.line, separatorHoverColor: colours.line, enableResize: false },
    },
    grid: { vertLines: { color: colours.line }, horzLines: { color: colours.line } },
    rightPriceScale: { borderColor: colours.line },
    timeScale: { borderColor: colours.line, timeVisible: true, secondsVisible: false, rightOffset: 2 },
    crosshair: { vertLine: { color: colours.faint }, horzLine: { color: colours.faint } },
    localization: { locale: "en-GB" },
    handleScroll: { mouseWheel: false, vertTouchDrag: false },
    handleScale: { mouseWheel: false },
  };
}
