import type { components } from "../../api/schema";

/** What the API says of how everything runs. */
type Schemas = components["schemas"];

export type Worker = Schemas["WorkerRow"];
export type Gap = Schemas["GapRow"];
export type Venue = Schemas["VenueRow"];
export type Contacted = Schemas["Contacted"];
export type Asked = Schemas["AskedNow"];
export type Latency = Schemas["LatencyRow"];
export type UnknownOrder = Schemas["UnknownOrder"];
export type Pass = Schemas["PassRow"];
export type Reconciled = Schemas["ReconciledAccount"];
export type Job = Schemas["JobRow"];
export type Failure = Schemas["FailureRow"];
export type Operations = Schemas["Operations"];
export type AlertRow = Schemas["AlertRow"];
export type Alerts = Schemas["Alerts"];
export type AuditEntry = Schemas["AuditEntry"];
export type AuditList = Schemas["AuditList"];
