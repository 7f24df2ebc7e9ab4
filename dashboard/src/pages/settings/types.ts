import type { components } from "../../api/schema";

/** What the API says of how the desk is set up. */
type Schemas = components["schemas"];

export type AccountSetup = Schemas["AccountSetup"];
export type TokenSetup = Schemas["TokenSetup"];
export type RouteSetup = Schemas["RouteSetup"];
export type Setup = Schemas["Setup"];
export type Me = Schemas["Me"];
