import { lazy, type ComponentType, type LazyExoticComponent } from "react";

export interface Page {
  /** What stands in the address: `#/positions`. An unknown one opens the first page. */
  path: string;
  title: string;
  component: LazyExoticComponent<ComponentType>;
}

/** Every page is a chunk of its own, fetched when it is opened for the first time. */
export const PAGES: readonly Page[] = [
  { path: "overview", title: "Overview", component: lazy(() => import("../pages/overview")) },
  { path: "liquidations", title: "Liquidations", component: lazy(() => import("../pages/liquidations")) },
  { path: "positions", title: "Positions", component: lazy(() => import("../pages/positions")) },
  { path: "decisions", title: "Decisions", component: lazy(() => import("../pages/decisions")) },
  { path: "risk", title: "Risk", component: lazy(() => import("../pages/risk")) },
  { path: "strategies", title: "Strategies", component: lazy(() => import("../pages/strategies")) },
  { path: "history", title: "History", component: lazy(() => import("../pages/history")) },
  { path: "operations", title: "Operations", component: lazy(() => import("../pages/operations")) },
  { path: "settings", title: "Settings", component: lazy(() => import("../pages/settings")) },
];

/** Places that are kept free in the navigation. They are no links: there is nothing behind them yet. */
export const LATER: readonly string[] = ["Market maker", "Agent", "Lab"];
