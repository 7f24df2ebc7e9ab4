import type { SettingsSchema } from "../../documents/schema";

export interface KindSchema {
  properties: Readonly<Record<string, { pattern?: string; propertyNames?: { pattern: string } }>>;
  $defs: { settings: SettingsSchema };
}

export interface Schemas {
  strategies: Readonly<Record<string, KindSchema>>;
}
