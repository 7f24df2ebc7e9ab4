import type { components } from "../../api/schema";
import type { JsonObject } from "../../documents/types";

/** What the API says of how the desk is set up. */
type Schemas = components["schemas"];

export type AccountSetup = Schemas["AccountSetup"];
export type TokenSetup = Schemas["TokenSetup"];
export type RouteSetup = Schemas["RouteSetup"];
export type Setup = Schemas["Setup"];
export type Me = Schemas["Me"];
export type RouteTested = Schemas["RouteTested"];
export type TestsAsked = Schemas["TestsAsked"];
/** A document is JSON and nothing else; what is in it, the schema says. */
export type StoredGlobals = Omit<Schemas["StoredDocument"], "document"> & { document: JsonObject };
