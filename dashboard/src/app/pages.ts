import { lazy, type ComponentType, type LazyExoticComponent } from "react";

export interface Page {
  /** What stands in the address: `#/positions`. An unknown one opens the first page. */
  path: string;
  title: string;
  /** Fetches its chunk; once, however often it is called. */
  load: () => Promise<unknown>;
  component: LazyExoticComponent<ComponentType>;
}

function page(path: string, title: string, load: () => Promise<{ default: ComponentType }>): Page {
  return { path, title, load, component: lazy(load) };
}

/** Every page is a chunk of its own, fetched when it is opened for the first time. */
export const PAGES: readonly Page[] = [
  page("overview", "Overview", () => import("../pages/overview")),
  page("liquidations", "Liquidations", () => import("../pages/liquidations")),
  page("positions", "Positions", () => import("../pages/positions")),
  page("decisions", "Decisions", () => import("../pages/decisions")),
  page("risk", "Risk", () => import("../pages/risk")),
  page("strategies", "Strategies", () => import("../pages/strategies")),
  page("history", "History", () => import("../pages/history")),
  page("operations", "Operations", () => import("../pages/operations")),
  page("settings", "Settings", () => import("../pages/settings")),
];

/** Places that are kept free in the navigation. They are no links: there is nothing behind them yet. */
export const LATER: readonly string[] = ["Market maker", "Agent", "Lab"];
