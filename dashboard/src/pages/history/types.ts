import type { components } from "../../api/schema";

/** What the API tells of the past. Figures are decimal text, times epoch ms. */
type Schemas = components["schemas"];

export type ClosedRow = Schemas["ClosedRow"];
export type ClosedPositions = Schemas["ClosedPositions"];
export type Step = Schemas["Step"];
export type Timeline = Schemas["Timeline"];
export type Group = Schemas["PnlGroup"];
export type PnlAccount = Schemas["AccountPnl"];
export type Pnl = Schemas["Pnl"];
export type FlowRow = Schemas["FlowRow"];
export type Transfers = Schemas["Transfers"];
export type BalanceHistory = Schemas["BalanceHistory"];
export type Adjustment = Schemas["AdjustmentRow"];
export type Adjustments = Schemas["Adjustments"];
export type SessionRow = Schemas["SessionResult"];
export type Sessions = Schemas["Sessions"];
export type StepKind = Step["kind"];
