import type { components } from "../../api/schema";
import type { JsonObject } from "../../documents/types";

/** What the API says of strategies. */
type Schemas = components["schemas"];

export type Strategies = Schemas["Strategies"];
export type StrategySummary = Schemas["StrategySummary"];
/** A document is JSON and nothing else; what is in it, the schema of its kind says. */
export type StrategyAnswer = Omit<Schemas["StrategyAnswer"], "document"> & { document: JsonObject };
export type Checked = Schemas["ValidStrategy"] | Schemas["FlawedStrategy"];
export type Change = Omit<Schemas["ChangeRow"], "document"> & { document: JsonObject | null };
export type Changes = Omit<Schemas["StrategyChanges"], "changes"> & { changes: readonly Change[] };
export type Session = Schemas["SessionResult"];
export type Sessions = Schemas["Sessions"];
export type Setup = Schemas["Setup"];

export type Layer = Schemas["PlannedLayerRow"];
export type WorstDay = Schemas["WorstDay"];
export type LeastBalance = Schemas["LeastBalance"];
export type LeastBalanceRow = Schemas["NeededBalance"];

type Ladder = Omit<Schemas["LadderPreview"], "kind">;
type Hunter = Omit<Schemas["HunterPreview"], "kind">;
type Common = Pick<Ladder, keyof Ladder & keyof Hunter>;
/** Of either kind: what only one has, is there or is not. */
export type Preview = Common & Partial<Omit<Ladder, keyof Common>> & Partial<Omit<Hunter, keyof Common>>;
