import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, describe, expect, it } from "vitest";
import type { Flaw, JsonObject } from "../../../documents/types";
import { documentOf, textAt, typedOf, usual, withEntry, withText, withoutEntry, type Typed } from "./draft";
import { flawAt, homeless, placesOf } from "./findings";
import { GlobalsForm } from "./GlobalsForm";
import { below, wholeOf, type GlobalsSchema, type Node } from "./shape";

const node = (changes: Partial<Node>): Node => ({ title: "A field", description: "", type: ["string", "number"], "x-unit": null, "x-allowed": "what is allowed", ...changes });

const LIMITS = node({
  title: "Limits",
  type: "object",
  required: ["max_leverage"],
  properties: { max_leverage: node({ title: "Most leverage", type: "integer", minimum: 1, maximum: 50, "x-unit": "x", "x-allowed": "a whole number from 1 to 50" }) },
});
const RISK = node({
  title: "Risk",
  type: "object",
  required: [],
  properties: {
    max_daily_loss_pct: node({ title: "Loss of a day", type: ["string", "number", "null"], "x-exclusive-minimum": "0", "x-maximum": "100", default: "5", "x-unit": "% of equity" }),
    allowed_symbols: node({ title: "Allowed symbols", type: ["array", "null"], items: { pattern: "^[A-Z]{2,40}$" }, default: null }),
  },
});
const ACCOUNT = node({
  type: "object",
  required: ["mode", "limits"],
  properties: { mode: node({ title: "Mode", type: "string", enum: ["live", "simulate"] }), limits: LIMITS, risk: RISK },
});
const ROUTE = node({
  type: "object",
  required: ["kind"],
  properties: { kind: node({ title: "Kind", type: "string", enum: ["sns", "telegram"] }), levels: node({ title: "Levels", type: "array", items: { enum: ["critical", "high", "info"] } }) },
});
const SCHEMA: GlobalsSchema = {
  required: ["accounts"],
  properties: {
    accounts: node({ title: "Accounts", type: "object", additionalProperties: ACCOUNT }),
    rate_limit_buffer_pct: node({ title: "Rate limit buffer", type: "integer", minimum: 0, maximum: 90, default: 10, "x-unit": "%" }),
    alerts: node({
      title: "Alerts",
      type: "object",
      required: [],
      properties: {
        routes: node({ title: "Routes", type: "object", additionalProperties: ROUTE, propertyNames: { pattern: "^[a-z]+$" }, maxProperties: 2, default: { topics: { kind: "sns" } } as unknown as null }),
      },
    }),
  },
};
const WHOLE = wholeOf(SCHEMA);
const STORED: JsonObject = {
  accounts: { main: { mode: "live", limits: { max_leverage: 20 }, risk: { max_daily_loss_pct: null, allowed_symbols: ["BTCUSDT", "ETHUSDT"] } } },
  rate_limit_buffer_pct: 20,
};
const TYPED = typedOf(WHOLE, STORED);
const LEVERAGE = ["accounts", "main", "limits", "max_leverage"];
const SYMBOLS = ["accounts", "main", "risk", "allowed_symbols"];

describe("a draft of the account-wide settings", () => {
  it("comes out as the document that went in", () => {
    expect(documentOf(WHOLE, TYPED)).toEqual(STORED);
    expect(textAt(TYPED, SYMBOLS)).toBe("BTCUSDT, ETHUSDT");
    expect(textAt(TYPED, ["accounts", "main", "risk", "max_daily_loss_pct"])).toBe("none");
  });

  it("changes one setting and no other", () => {
    const changed = documentOf(WHOLE, withText(WHOLE, TYPED, LEVERAGE, "5"));
    expect(changed).toEqual({ ...STORED, accounts: { main: { ...(STORED["accounts"] as { main: JsonObject }).main, limits: { max_leverage: 5 } } } });
  });

  it("tells a list with nothing in it from none at all and from no bound", () => {
    const listed = (text: string) => documentOf(WHOLE, withText(WHOLE, TYPED, SYMBOLS, text));
    const risk = (document: JsonObject) => (document["accounts"] as { main: { risk: JsonObject } }).main.risk;
    expect(risk(listed("empty"))["allowed_symbols"]).toEqual([]);
    expect(risk(listed("none"))["allowed_symbols"]).toBeNull();
    expect(risk(listed("BTCUSDT SOLUSDT"))["allowed_symbols"]).toEqual(["BTCUSDT", "SOLUSDT"]);
    expect(risk(listed(""))).toEqual({ max_daily_loss_pct: null });
  });

  it("takes a group back with its last setting, unless it is needed", () => {
    const bare = withText(WHOLE, withText(WHOLE, TYPED, SYMBOLS, ""), ["accounts", "main", "risk", "max_daily_loss_pct"], "");
    const none = withText(WHOLE, bare, LEVERAGE, "");
    expect(documentOf(WHOLE, none)["accounts"]).toEqual({ main: { mode: "live", limits: {} } });
  });

  it("keeps the usual entries when the first one of its own is added", () => {
    const routes = ["alerts", "routes"];
    const more = withEntry(WHOLE, TYPED, routes, "phone");
    expect(documentOf(WHOLE, more)["alerts"]).toEqual({ routes: { topics: { kind: "sns" }, phone: {} } });
    const fewer = withoutEntry(WHOLE, withoutEntry(WHOLE, more, routes, "phone"), routes, "topics");
    expect(documentOf(WHOLE, fewer)["alerts"]).toEqual({ routes: {} });
    expect(usual(LIMITS)).toEqual({});
  });
});

const flaw = (field: string): Flaw => ({ field, value: "7", allowed: "less" });

describe("what is wrong", () => {
  const at = (path: readonly string[], typed: Typed, flaws: readonly Flaw[] = []) => {
    const found = path.reduce<Node | undefined>((here, name) => here && below(here, name), WHOLE);
    return found === undefined ? "no such field" : flawAt(found, typed, path, flaws);
  };

  it("is told by the schema at once, and by the API besides", () => {
    expect(at(LEVERAGE, TYPED)).toBeNull();
    expect(at(LEVERAGE, withText(WHOLE, TYPED, LEVERAGE, "51"))).toContain("from 1 to 50");
    expect(at(LEVERAGE, TYPED, [flaw("accounts.main.limits.max_leverage")])).toBe("Not 7. Allowed: less.");
    expect(at(LEVERAGE, TYPED, [flaw("accounts.other.limits.max_leverage")])).toBeNull();
  });

  it("stands beside the list that an item of it is in", () => {
    expect(at(SYMBOLS, TYPED, [flaw("accounts.main.risk.allowed_symbols.1")])).toContain("Not 7");
    expect(at(SYMBOLS, withText(WHOLE, TYPED, SYMBOLS, "BTCUSDT, eth"))).toContain("Not “eth”");
    expect(at(SYMBOLS, withText(WHOLE, TYPED, SYMBOLS, "empty"))).toBeNull();
  });

  it("is never lost: what belongs beside no field stands above all of them", () => {
    expect(placesOf(WHOLE, TYPED)).toContainEqual(LEVERAGE);
    const homed = ["accounts", "accounts.main.mode", "rate_limit_buffer_pct", "alerts.routes"].map(flaw);
    expect(homeless(WHOLE, TYPED, [...homed, flaw("document")])).toEqual([flaw("document")]);
  });
});

function Form({ flaws, disabled = false }: { flaws: readonly Flaw[]; disabled?: boolean }) {
  const [typed, setTyped] = useState(TYPED);
  return (
    <>
      <GlobalsForm whole={WHOLE} typed={typed} flaws={flaws} onTyped={setTyped} disabled={disabled} />
      <output>{JSON.stringify(documentOf(WHOLE, typed))}</output>
    </>
  );
}

const told = () => JSON.parse(screen.getByRole("status").textContent ?? "") as { alerts?: { routes?: JsonObject }; rate_limit_buffer_pct?: number };

describe("the form", () => {
  afterEach(cleanup);

  it("has a labelled field with its unit for every setting, and what is wrong tied to it", () => {
    render(<Form flaws={[flaw("accounts.main.limits.max_leverage")]} />);
    const field = screen.getByLabelText<HTMLInputElement>("Most leverage (x)");
    expect(field.value).toBe("20");
    expect(field.getAttribute("aria-invalid")).toBe("true");
    const described = (field.getAttribute("aria-describedby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent);
    expect(described).toContain("Not 7. Allowed: less.");
    expect(screen.getByLabelText<HTMLInputElement>("Loss of a day (% of equity)").value).toBe("none");
  });

  it("writes what is typed into the document", () => {
    render(<Form flaws={[]} />);
    fireEvent.change(screen.getByLabelText("Rate limit buffer (%)"), { target: { value: "35" } });
    expect(told().rate_limit_buffer_pct).toBe(35);
  });

  it("adds a route beside the usual one, ticks its levels, and takes it out again", () => {
    render(<Form flaws={[]} />);
    expect(screen.getByText(/None are set: topics holds/)).toBeTruthy();
    fireEvent.change(screen.getByLabelText("One more of: routes"), { target: { value: "phone" } });
    fireEvent.click(screen.getByRole("button", { name: "Add" }));
    const [, levels] = screen.getAllByRole("checkbox", { name: "info" });
    if (levels !== undefined) fireEvent.click(levels);
    expect(told().alerts?.routes).toEqual({ topics: { kind: "sns" }, phone: { levels: ["info"] } });
    expect(screen.getByText("There may be 2 at most.")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Remove phone" }));
    expect(told().alerts?.routes).toEqual({ topics: { kind: "sns" } });
    expect(screen.queryByRole("button", { name: "Remove main" })).toBeNull();
  });

  it("can be looked at and not changed by who may not", () => {
    render(<Form flaws={[]} disabled />);
    expect(screen.getByLabelText<HTMLInputElement>("Most leverage (x)").disabled).toBe(true);
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Add" }).disabled).toBe(true);
  });
});
