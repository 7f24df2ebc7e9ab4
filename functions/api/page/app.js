// The page. Everything from the API becomes text nodes, never markup; figures stay the decimal texts that they are.
"use strict";

// --- small tools ---------------------------------------------------------------------------------------------------

const byId = (id) => document.getElementById(id);

/** An element with classes and children; strings become text. */
function el(tag, classes, ...children) {
  const node = document.createElement(tag);
  if (classes) node.className = classes;
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function withTitle(node, title) {
  node.title = title;
  return node;
}

/** Replaces the children only when what they show has changed, so that selections and scrolling survive. */
function show(node, key, make) {
  if (node.dataset.shown === key) return;
  node.dataset.shown = key;
  node.replaceChildren(...make());
}

/** A decimal text rounded half away from zero to so many digits, thousands apart. Never goes through a float. */
function rounded(text, digits) {
  const negative = text.startsWith("-");
  const [whole, fraction = ""] = text.replace("-", "").split(".");
  const padded = fraction.padEnd(digits + 1, "0");
  let units = BigInt(whole + padded.slice(0, digits));
  if (padded[digits] >= "5") units += 1n;
  const plain = units.toString().padStart(digits + 1, "0");
  const cut = plain.length - digits;
  const grouped = plain.slice(0, cut).replace(/\B(?=(\d{3})+$)/g, ",");
  const zero = units === 0n;
  return `${negative && !zero ? "\u2212" : ""}${grouped}${digits ? "." + plain.slice(cut) : ""}`;
}

/** All digits that are there, thousands apart. */
function exact(text) {
  const [whole, fraction] = text.replace("-", "").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return (text.startsWith("-") ? "\u2212" : "") + grouped + (fraction ? "." + fraction : "");
}

const figure = (text, unit) => el("span", "n", text, unit ? el("span", "unit", unit) : null);
const unknown = () => withTitle(el("span", "n soft", "not known"), "no value was received yet");
const amount = (text, unit = "USDT") => (text === null ? unknown() : figure(rounded(text, 2), unit));
const price = (text) => (text === null ? unknown() : figure(exact(text)));

/** A result with sign and colour. */
function result(text, unit = "USDT") {
  if (text === null) return unknown();
  const shown = rounded(text, 2);
  const none = /^[0.,]*$/.test(shown);
  const sign = none || shown.startsWith("\u2212") ? "" : "+";
  return el("span", `n ${none ? "" : sign ? "gain" : "loss"}`, sign + shown, el("span", "unit", unit));
}

const percent = (text) => (text === null ? null : result(text, "%"));

/** A distance has a direction but is neither gain nor loss. */
const distance = (text) => figure(`${text.startsWith("-") ? "" : "+"}${rounded(text, 2)}`, "%");

const two = (number) => String(number).padStart(2, "0");

function clock(ms) {
  const at = new Date(ms);
  const text = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
  return withTitle(el("time", "n", text), `${at.toISOString().replace("T", " ").slice(0, 19)} UTC, here ${at.toLocaleString()}`);
}

function span(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

const words = (name) => name.replaceAll("_", " ");

function pairs(...entries) {
  const list = el("dl", "pairs");
  for (const [term, ...values] of entries) list.append(el("div", "", el("dt", "", term), el("dd", "", ...values)));
  return list;
}

// --- the token -----------------------------------------------------------------------------------------------------

const TOKEN = "undertow.token";

/** A token may come once in the address, after the #, which no server ever sees; it is taken out at once. */
function takeTokenFromAddress() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null) return;
  history.replaceState(null, "", location.pathname + location.search);
  sessionStorage.setItem(TOKEN, given.trim());
}

function forgetToken(complaint) {
  sessionStorage.removeItem(TOKEN);
  byId("token-complaint").textContent = complaint;
  byId("board").hidden = true;
  byId("entrance").hidden = false;
  byId("token").focus();
}

// --- asking the API ------------------------------------------------------------------------------------------------

class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.message || problem.Message || `the API answered ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

async function ask(path, body) {
  const options = { headers: { Authorization: `Bearer ${sessionStorage.getItem(TOKEN)}` }, cache: "no-store" };
  if (body !== undefined) {
    options.method = "POST";
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), 10000);
  try {
    const answer = await fetch(new URL(`api/${path}`, document.baseURI), { ...options, signal: controller.signal });
    const json = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(answer.status, json);
    return json;
  } finally {
    clearTimeout(timer);
  }
}

const flawsOf = (error) =>
  error instanceof Refused && error.problem.flaws && error.problem.flaws.length
    ? error.problem.flaws.map((flaw) => `${flaw.field}: ${flaw.value}; allowed: ${flaw.allowed}`).join("\n")
    : error.message;

// --- feeds: what is asked how often, and how old it is ----------------------------------------------------------------

const state = { account: null, positions: null, tape: new Map(), newestMs: 0, decisions: null, filter: "", stats: null, books: null };

const feeds = {
  positions: { path: () => "positions", everyMs: 2000, take: (json) => { state.positions = json; drawPositions(); drawBar(); } },
  account: { path: () => "account", everyMs: 2000, take: (json) => { state.account = json; drawAccounts(); drawWorkers(); drawBar(); } },
  liquidations: { path: tapePath, everyMs: 2000, take: takeTape },
  decisions: { path: () => "decisions?limit=200", everyMs: 2000, take: (json) => { state.decisions = json; drawDecisions(); } },
  stats: { path: () => `stats?from_ms=${weekStart()}`, everyMs: 10000, take: (json) => { state.stats = json; drawPnl(); drawBar(); } },
  books: { path: () => `pnl?from_ms=${weekStart()}`, everyMs: 300000, take: (json) => { state.books = json; drawBooks(); } },
  config: { path: () => "config", everyMs: 30000, take: drawSettings },
};

function weekStart() {
  const day = 86400000;
  return Math.floor(Date.now() / day) * day - 6 * day;
}

let generation = 0;

async function follow(feed, mine) {
  while (mine === generation) {
    if (!document.hidden) await refresh(feed);
    await new Promise((resolve) => setTimeout(resolve, feed.error ? Math.max(feed.everyMs, 4000) : feed.everyMs));
  }
}

async function refresh(feed) {
  try {
    const json = await ask(feed.path());
    if (!sessionStorage.getItem(TOKEN)) return;
    feed.error = null;
    feed.loadedAt = Date.now();
    feed.take(json);
  } catch (error) {
    if (error instanceof Refused && (error.status === 401 || error.status === 403)) {
      stop();
      forgetToken("This token is not accepted: it may have expired, been revoked, or lack the scope read.");
      return;
    }
    feed.error = error;
  }
}

function start() {
  byId("entrance").hidden = true;
  byId("board").hidden = false;
  generation += 1;
  for (const feed of Object.values(feeds)) follow(feed, generation);
}

function stop() {
  generation += 1;
}

/** Twice a second: how old is each card? Older than twice its period, plus the time of an answer, it is grey. */
function drawAges() {
  let oldest = 0;
  let failed = null;
  for (const [name, feed] of Object.entries(feeds)) {
    const age = feed.loadedAt ? Date.now() - feed.loadedAt : null;
    const late = age !== null && age > 2 * feed.everyMs + 1500;
    if (feed.everyMs <= 2000) oldest = Math.max(oldest, age ?? 0);
    if (feed.error && feed.everyMs <= 2000) failed = feed.error;
    for (const label of document.querySelectorAll(`[data-feed="${name}"]`)) {
      const told = age === null ? "loading" : `updated ${span(age)} ago`;
      label.textContent = feed.error ? `no answer (${feed.error.message}), ${told}` : told;
      label.classList.toggle("failed", Boolean(feed.error));
      label.closest(".card")?.classList.toggle("stale", late);
    }
  }
  const freshness = byId("freshness");
  freshness.textContent = failed ? `no answer for ${span(oldest)}` : feeds.positions.loadedAt ? `updated ${span(oldest)} ago` : "loading";
  freshness.classList.toggle("failed", Boolean(failed));
  freshness.classList.toggle("late", !failed && oldest > 5500);
}

// --- the bar and the banners ---------------------------------------------------------------------------------------

const sum = (texts) => {
  let digits = 0;
  for (const text of texts) digits = Math.max(digits, (text.split(".")[1] || "").length);
  let total = 0n;
  for (const text of texts) {
    const [whole, fraction = ""] = text.replace("-", "").split(".");
    const units = BigInt(whole + fraction.padEnd(digits, "0"));
    total += text.startsWith("-") ? -units : units;
  }
  const plain = (total < 0n ? -total : total).toString().padStart(digits + 1, "0");
  const cut = plain.length - digits;
  return (total < 0n ? "-" : "") + plain.slice(0, cut) + (digits ? "." + plain.slice(cut) : "");
};

function drawBar() {
  const figures = [];
  const accounts = state.account ? state.account.accounts : [];
  const balances = accounts.filter((account) => account.balance).map((account) => account.balance.equity);
  if (accounts.length) figures.push(["Equity", balances.length ? amount(sum(balances)) : unknown()]);
  if (state.stats) {
    const today = new Date(state.stats.time_ms).toISOString().slice(0, 10);
    const day = state.stats.by_day.find((row) => row.day === today);
    figures.push(["Today, net", result(day ? day.net_pnl : "0")]);
    figures.push(["Unrealised", result(state.stats.unrealized_pnl)]);
  }
  if (state.positions) {
    const naked = state.positions.unprotected;
    figures.push(["Open", figure(String(state.positions.positions.length))]);
    figures.push(["Without a stop", el("span", `n ${naked ? "loss" : ""}`, naked ? `${naked} ▲` : "0")]);
  }
  const stream = state.account && state.account.workers.length ? Math.min(...state.account.workers.map((worker) => worker.market_stream_age_ms ?? Infinity)) : null;
  if (state.account) figures.push(["Stream", stream === null || stream === Infinity ? el("span", "n loss", "silent ▲") : figure(span(stream))]);
  byId("figures").replaceChildren(...figures.map(([term, value]) => el("div", "", el("dt", "", term), el("dd", "", value))));
  drawBanners();
}

function drawBanners() {
  const lines = [];
  for (const row of (state.positions ? state.positions.positions : []).filter((position) => position.unprotected_for_ms !== null)) {
    lines.push(["alarm", `${row.symbol} ${row.side.toLowerCase()} on ${row.account} has had no confirmed stop for ${span(row.unprotected_for_ms)}.`]);
  }
  for (const account of state.account ? state.account.accounts : []) {
    if (account.venue_blocked) lines.push(["alarm", `${account.id}: the venue may not be called until ${new Date(account.venue_blocked.until_ms).toISOString().slice(11, 19)} UTC: ${account.venue_blocked.reason}`]);
    if (account.unconfirmed.length) lines.push(["", `${account.id}: ${account.unconfirmed.length} order(s) without a confirmed answer: ${account.unconfirmed.map((order) => `${order.symbol} ${words(order.purpose)} (${words(order.state)}, ${span(order.age_ms)})`).join(", ")}`]);
  }
  const workers = state.account ? state.account.workers : null;
  if (workers && !workers.some((worker) => worker.age_ms < 30000)) {
    lines.push(["alarm", workers.length ? "The stream worker has been silent for more than 30 s: nothing new is seen or traded." : "No stream worker has ever reported: nothing is seen or traded."]);
  }
  show(byId("banners"), JSON.stringify(lines), () => lines.map(([kind, text]) => el("p", `banner ${kind}`, text)));
}

// --- accounts ------------------------------------------------------------------------------------------------------

/** Only for the length of a bar: a share of 0 to 100. */
const share = (part, whole) => (Number(whole) > 0 ? Math.min(100, (100 * Number(part)) / Number(whole)) : 0);

function meter(part, whole) {
  const fill = el("i", "");
  const reached = share(part, whole);
  fill.style.setProperty("width", `${reached}%`);
  return el("div", `meter ${reached >= 80 ? "near" : ""}`, fill);
}

const MEANING = {
  running: "Entries are placed",
  paused: "No new entries; stops and targets stay",
  close_only: "No new entries, open entries are cancelled; stops and targets stay",
  flatten: "Entries are cancelled and every position is closed at market",
};

function drawAccounts() {
  show(byId("accounts"), JSON.stringify([state.account.accounts, Math.floor(state.account.time_ms / 2000)]), () => state.account.accounts.map(accountCard));
}

function accountCard(account) {
  const { switch: control, committed, balance } = account;
  const button = el("button", control.admits_entries ? "stop" : "", control.admits_entries ? `Pause ${account.id}` : `Resume ${account.id}`);
  button.type = "button";
  button.addEventListener("click", () => (control.admits_entries ? confirmPause(account) : confirmResume(account)));
  const since = control.version ? ` Since ${new Date(control.since_ms).toISOString().slice(0, 16).replace("T", " ")} UTC, by ${control.by}` : "";
  return el(
    "article",
    "account",
    el("div", "title", el("h3", "", account.id), el("span", `chip ${account.mode}`, account.mode), el("span", `chip ${control.state}`, words(control.state)), el("span", "soft", `${account.venue}, ${words(account.position_mode)}`)),
    button,
    el("p", "why soft", `${MEANING[control.state]}.${since}${control.reason ? `${since ? ": " : " It was "}${control.reason}` : ""}${control.reason || since ? "." : ""}`),
    pairs(
      ["Equity", amount(balance && balance.equity)],
      ["Available", amount(balance && balance.available), balance ? el("div", `hint ${balance.age_ms > 120000 ? "loss" : ""}`, `${span(balance.age_ms)} old`) : null],
      ["Margin committed", figure(`${rounded(committed.margin, 2)} of ${rounded(committed.max_margin, 0)}`, "USDT"), meter(committed.margin, committed.max_margin)],
      ["Notional committed", figure(`${rounded(committed.notional, 2)} of ${rounded(committed.max_notional, 0)}`, "USDT"), meter(committed.notional, committed.max_notional)],
      ["Positions", figure(`${committed.positions} of ${committed.max_positions || "any number"}`)],
      ["Max leverage", figure(`${account.limits.max_leverage}x`)],
    ),
  );
}

// --- positions -----------------------------------------------------------------------------------------------------

function drawPositions() {
  const { entries, time_ms: now } = state.positions;
  const positions = state.positions.positions.toSorted((one, other) => (other.unprotected_for_ms ?? -1) - (one.unprotected_for_ms ?? -1));
  show(byId("positions"), JSON.stringify([positions, now]), () =>
    positions.length ? positions.map(positionRow) : [el("p", "empty", "No open positions. One appears here as soon as an entry fills.")]);
  show(byId("entries"), JSON.stringify([entries, now]), () =>
    entries.length ? [el("div", "entries", el("h3", "", `Entries under way: ${entries.length}`), ...entries.map(entryRow))] : []);
}

function positionRow(position) {
  const long = position.side === "LONG";
  const naked = position.unprotected_for_ms !== null;
  const mark = position.mark;
  return el(
    "article",
    "position",
    el(
      "div",
      "",
      el("div", "title", el("h3", "", position.symbol), el("span", `chip ${long ? "long" : "short"}`, long ? "▲ long" : "▼ short"), position.external ? withTitle(el("span", "chip external", "external"), "opened by somebody else on this account") : null),
      el("p", "line", figure(exact(position.quantity)), el("span", "soft", ` at ${position.leverage}x`)),
      el("p", "line soft", `${position.account}, ${position.mode}${position.strategy ? `, ${position.strategy}` : ""}, open ${span(position.age_ms)}`),
    ),
    el(
      "div",
      "",
      el("p", "big", result(position.unrealized_pnl)),
      position.unrealized_pnl === null ? null : el("p", "line", percent(position.unrealized_price_pct), el("span", "soft", " price, "), percent(position.unrealized_roe_pct), el("span", "soft", " of margin")),
      el("p", "line soft", "margin ", amount(position.margin)),
      el("p", "line soft", "notional ", amount(position.notional)),
    ),
    level("stop", position.stop, position, naked),
    level("target", position.target, position, false),
    el("p", "line", el("span", "soft", "entry "), price(position.entry_price)),
    withTitle(el("p", `line ${mark && mark.age_ms > 10000 ? "stale" : ""}`, el("span", "soft", "mark "), price(mark && mark.price)), mark ? `${mark.source}, ${span(mark.age_ms)} old` : "the venue's public data did not answer"),
    el("p", "line", naked ? el("span", "loss", `▲ without a stop for ${span(position.unprotected_for_ms)}`) : position.protected_for_ms === null ? el("span", "loss", "▲ no stop confirmed yet") : el("span", "soft", `✓ protected for ${span(position.protected_for_ms)}`)),
    el("p", "line", el("span", "soft", "realised "), result(position.realized_pnl), el("span", "soft", ", fees "), amount(position.commission)),
    rail(position),
  );
}

function level(kind, order, position, naked) {
  const name = kind === "stop" ? "Stop" : "Target";
  if (order === null) {
    return el("div", `level ${kind} missing`, el("b", "", `${name}: none`), el("p", "soft", naked ? "being placed, or the position is closed" : "not placed"));
  }
  const sign = order.confirmed ? withTitle(el("span", "gain", "✓"), `stands at the venue: order ${order.venue_order_id}, ${words(order.state)}`) : el("span", "loss", `▲ ${words(order.state)}`);
  return el(
    "div",
    `level ${kind} ${order.confirmed ? "confirmed" : ""}`,
    el("p", "", el("b", "", `${name} `), price(order.trigger_price), " ", sign),
    el("p", "", result(order.pnl_at_trigger_estimate), el("span", "soft", " est., "), distance(order.distance_from_entry_pct), el("span", "soft", " from entry")),
    el("p", "soft", order.distance_from_mark_pct === null ? "" : el("span", "", distance(order.distance_from_mark_pct), " from mark, "), withTitle(el("span", "", `by ${order.working_type === "MARK_PRICE" ? "mark" : "last"} price`), "the price that triggers it")),
  );
}

/** Stop, entry, mark and target on one line; only its picture is made with floats. */
function rail(position) {
  if (!position.stop || !position.target || !position.mark) return null;
  const stop = Number(position.stop.trigger_price);
  const target = Number(position.target.trigger_price);
  const at = (value) => `${Math.max(0, Math.min(100, (100 * (Number(value) - stop)) / (target - stop)))}%`;
  const entry = withTitle(el("i", "at"), `entry ${position.entry_price}`);
  entry.style.setProperty("left", at(position.entry_price));
  const mark = withTitle(el("i", "at mark"), `mark ${position.mark.price}`);
  mark.style.setProperty("left", at(position.mark.price));
  const picture = el("div", "between", el("i", "rail"), entry, mark, el("span", "", "stop"), el("span", "right", "target"));
  picture.setAttribute("aria-hidden", "true");
  return picture;
}

function entryRow(order) {
  return el(
    "div",
    "entry",
    el("b", "", order.symbol),
    el("span", order.position_side === "LONG" ? "gain" : "loss", order.position_side === "LONG" ? "▲ buy to open long" : "▼ sell to open short"),
    el("span", "", figure(exact(order.quantity)), el("span", "soft", " at "), price(order.price)),
    el("span", "soft", "margin ", amount(order.margin), ", notional ", amount(order.notional)),
    el("span", "soft", `${words(order.state)}, filled ${exact(order.filled_quantity)}, ${span(order.age_ms)}${order.ttl_s ? ` of ${order.ttl_s} s` : ""}`),
    tradeLink(order.client_order_id, "details"),
  );
}

// --- decisions -----------------------------------------------------------------------------------------------------

const cap = (name, unit) => (i, t) => `${rounded(i.after_order, 2)} of at most ${rounded(t[name], 2)} ${unit} with this order`;

/** What a gate compared, in a trader's words. A figure that is missing leaves the plain list of what is there. */
const COMPARED = {
  taken: (i, t) => `${volume(i)}, threshold ${rounded(t.volume_threshold, 0)}${order(i)}`,
  volume: (i, t) => `${volume(i)}: ${share(i.volume, t.volume_threshold).toFixed(0)} % of the threshold ${rounded(t.volume_threshold, 0)}`,
  volume_edge: (i, t) => `${volume(i)}; the threshold ${rounded(t.volume_threshold, 0)} was crossed before this one`,
  volume_upper_bound: (i, t) => `${volume(i)}, above the bound of ${rounded(t.volume_upper_bound, 0)}: a cascade too large to stand against`,
  trade_side: (i) => volume(i),
  event_age: (i, t) => `${span(Number(i.age_ms))} old, at most ${span(Number(t.max_age_ms))} allowed`,
  cooldown: (i, t) => `${span(Number(i.left_ms))} left of ${t.cooldown_s} s`,
  quote_age: (i, t) => `${span(Number(i.age_ms))} old, at most ${span(Number(t.max_age_ms))} allowed`,
  price_band: (i, t) => `${exact(i.price)} is ${i.distance_pct} % from the mark price ${exact(i.mark)}, at most ${t.max_distance_pct} % allowed`,
  balance: (i, t) => `needs ${rounded(i.margin, 2)} USDT margin, ${rounded(t.available, 2)} are available`,
  max_positions: (i, t) => `${i.positions} of at most ${t.max_positions}`,
  max_open_orders: (i, t) => `${i.open_orders} of at most ${t.max_open_orders_per_symbol}`,
  max_total_margin: cap("max_total_margin", "USDT margin"),
  max_total_notional: cap("max_total_notional", "USDT notional"),
  max_position_margin: cap("max_position_margin", "USDT margin"),
  max_position_notional: cap("max_position_notional", "USDT notional"),
};

const volume = (inputs) => `${rounded(inputs.volume, 0)} ${inputs.unit === "usdt" ? "USDT" : "tokens"} liquidated within ${inputs.window_s} s`;

const order = (inputs) => (inputs.price ? `; ${exact(inputs.quantity)} at ${exact(inputs.price)}, margin ${rounded(inputs.margin, 2)} × ${inputs.leverage} = notional ${rounded(inputs.notional, 2)} USDT` : "");

/** A recorded figure with its unit, which is the end of its name. */
function fact([name, value]) {
  if (name.endsWith("_ms") && /^\d+$/.test(value)) return `${words(name.slice(0, -3))} ${span(Number(value))}`;
  if (name.endsWith("_s")) return `${words(name.slice(0, -2))} ${value} s`;
  if (name.endsWith("_pct")) return `${words(name.slice(0, -4))} ${value} %`;
  return `${words(name)} ${/^-?\d+(\.\d+)?$/.test(value) ? exact(value) : value}`;
}

const facts = (values) => Object.entries(values).map(fact).join(", ");

function compared({ outcome, gate, inputs, thresholds }) {
  const sentence = COMPARED[outcome === "refused" ? gate : "taken"];
  try {
    if (sentence) return sentence(inputs, thresholds);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  return Object.keys(thresholds).length ? `wanted ${facts(thresholds)}` : "";
}

function drawDecisions() {
  const { decisions, outcomes, gates } = state.decisions;
  const total = decisions.length;
  const choices = [["", `all ${total}`], ["taken", `taken ${outcomes.taken || 0}`], ["simulated", `simulated ${outcomes.simulated || 0}`], ["refused", `refused ${outcomes.refused || 0}`], ...Object.entries(gates).map(([gate, count]) => [`gate:${gate}`, `${words(gate)} ${count}`])];
  show(byId("decision-filters"), JSON.stringify([choices, state.filter]), () =>
    choices.filter(([value]) => value !== "simulated" || outcomes.simulated).map(([value, label]) => {
      const button = el("button", "", label);
      button.type = "button";
      button.setAttribute("aria-pressed", String(value === state.filter));
      button.addEventListener("click", () => { state.filter = value; drawDecisions(); });
      return button;
    }));
  const wanted = decisions.filter((row) => !state.filter || row.outcome === state.filter || `gate:${row.gate}` === state.filter);
  show(byId("decisions"), JSON.stringify([wanted, state.filter]), () =>
    wanted.length ? grouped(wanted).map(decisionRow) : [el("li", "empty", total ? "None of this kind among the last 200." : "No decisions in the last hour. Each liquidation of a watched symbol leaves one here, with its reason.")]);
}

/** Neighbours of one symbol with one reason are one row. */
function grouped(decisions) {
  const rows = [];
  for (const decision of decisions) {
    const last = rows[rows.length - 1];
    if (last && decision.outcome === "refused" && ["outcome", "gate", "symbol", "strategy"].every((name) => last.decision[name] === decision[name])) last.count += 1;
    else rows.push({ decision, count: 1 });
  }
  return rows;
}

function decisionRow({ decision, count }) {
  const refused = decision.outcome === "refused";
  const side = decision.position_side ? ` ${decision.position_side.toLowerCase()}` : "";
  return el(
    "li",
    "decision",
    clock(decision.decided_at_ms),
    el("span", "", el("span", `chip ${decision.outcome}`, refused ? "✕ refused" : decision.outcome === "taken" ? "✓ taken" : "≈ simulated")),
    el(
      "div",
      "what",
      el("b", "", decision.symbol), side, refused ? `: ${decision.reason}` : ` by ${decision.strategy}`, count > 1 ? el("span", "soft", ` (${count} times in a row)`) : null,
      decision.client_order_id && !refused ? el("span", "", " ", tradeLink(decision.client_order_id, "trade")) : null,
      withTitle(el("p", "compared", compared(decision)), `${facts(decision.inputs)}\nthresholds: ${facts(decision.thresholds)}\ngate ${decision.gate || "none"}, decided ${decision.delay_ms} ms after the liquidation, parameters ${decision.params_version}`),
    ),
  );
}

// --- the tape ------------------------------------------------------------------------------------------------------

const KEPT = 300;
const OVERLAP_MS = 20000;

function tapePath() {
  const from = state.newestMs ? `&from_ms=${state.newestMs - OVERLAP_MS}` : "";
  return `liquidations?limit=${state.newestMs ? 500 : KEPT}${from}`;
}

function takeTape(json) {
  for (const row of json.liquidations) {
    state.tape.set(row.id, row);
    state.newestMs = Math.max(state.newestMs, row.event_time_ms);
  }
  const kept = [...state.tape.values()].sort((one, other) => other.event_time_ms - one.event_time_ms).slice(0, KEPT);
  state.tape = new Map(kept.map((row) => [row.id, row]));
  drawTape();
}

function drawTape() {
  const least = Number(byId("tape-min").value) || 0;
  const watchedOnly = byId("tape-watched").checked;
  const rows = [...state.tape.values()].filter((row) => Number(row.value) >= least && (row.watched || !watchedOnly));
  const largest = Math.max(1, ...rows.map((row) => Number(row.value)));
  show(byId("tape"), JSON.stringify([rows.map((row) => row.id), least, watchedOnly]), () =>
    rows.length ? rows.map((row) => tapeRow(row, largest)) : [el("li", "empty", state.tape.size ? "None that large among the last ones." : "No liquidations in the last hour.")]);
}

function tapeRow(row, largest) {
  const size = el("span", "size");
  size.style.setProperty("width", `${Math.max(0.5, (100 * Math.log10(1 + Number(row.value))) / Math.log10(1 + largest))}%`);
  const line = el(
    "li",
    row.liquidated,
    size,
    clock(row.event_time_ms),
    withTitle(el("span", "who", el("b", "", row.symbol), row.liquidated === "long" ? " ▼ long liquidated" : " ▲ short liquidated", row.watched ? "" : el("span", "soft", " (not watched)")), `${row.side} ${row.quantity} at ${row.price}`),
    amount(row.value),
  );
  return line;
}

// --- profit and loss -----------------------------------------------------------------------------------------------

function drawPnl() {
  const stats = state.stats;
  const other = Object.entries(stats.other_fees).map(([asset, fee]) => ` and ${exact(fee)} ${asset}`).join("");
  show(byId("pnl"), JSON.stringify({ ...stats, time_ms: 0, to_ms: 0 }), () => [
    pairs(
      ["Realised, 7 days", result(stats.realized_pnl)],
      ["Fees", amount(stats.fees), other],
      ["Funding", result(stats.funding)],
      ["Net", result(stats.net_pnl)],
      ["Unrealised now", result(stats.unrealized_pnl)],
      ["Closed positions", figure(`${stats.closed_positions}`), stats.win_rate_pct === null ? null : el("span", "soft", ` ${stats.wins} won, ${stats.losses} lost (${rounded(stats.win_rate_pct, 0)} %)`)],
      ["Best and worst", stats.best === null ? el("span", "soft", "none closed yet") : el("span", "", result(stats.best), " ", result(stats.worst))],
    ),
    stats.by_day.length ? dayTable(stats.by_day) : el("p", "empty", "Nothing was traded in the last 7 days."),
    ...(stats.truncated ? [el("p", "hint", "More was traded than one answer holds: the sums are of the newest part.")] : []),
  ]);
}

/** The books of each account, from the venue's own records. A shape says as well as a colour whether they agree. */
function drawBooks() {
  show(byId("books"), JSON.stringify({ ...state.books, time: 0, time_ms: 0, to: 0, to_ms: 0 }), () => state.books.accounts.flatMap(bookOf));
}

function bookOf(row) {
  const imported = row.imports.complete_to_ms;
  const apart = Object.entries(row.apart).map(([asset, sum]) => ` ${exact(sum)} ${asset} apart`).join(",");
  return [
    el("p", "line", el("b", "", row.account), el("span", "soft", " 7 days, from the venue's records"), imported === null ? el("span", "soft", ": nothing is imported yet") : el("span", "soft", " up to "), imported === null ? null : clock(imported)),
    pairs(
      ["Net", result(row.net_pnl), apart],
      ["Realised", result(row.realized_pnl)],
      ["Fees", amount(row.commissions)],
      ["Funding", result(row.funding)],
      ["Deposited", amount(row.capital.deposited)],
      ["Unexplained", ...unexplained(row.unexplained)],
    ),
  ];
}

function unexplained(check) {
  if (check.amount === null) return [el("span", "soft", `not known: ${check.reason}`)];
  const told = check.alarms ? `▲ more than ${rounded(check.tolerance, 2)}: look into it` : "✓ within the tolerance";
  return [result(check.amount), el("span", check.alarms ? "loss" : "soft", ` ${told}`)];
}

function table(heads, rows) {
  const head = el("tr", "", ...heads.map((name) => el("th", "", name)));
  return el("table", "days", el("thead", "", head), el("tbody", "", ...rows.map((cells) => el("tr", "", ...cells.map((cell) => el("td", "", cell))))));
}

const dayTable = (days) => table(["Day (UTC)", "Realised", "Fees", "Net", "Volume"], days.map((day) => [day.day, result(day.realized_pnl, ""), figure(rounded(day.fees, 2)), result(day.net_pnl, ""), figure(rounded(day.volume, 0))]));

// --- streams -------------------------------------------------------------------------------------------------------

function drawWorkers() {
  const workers = state.account.workers;
  byId("workers").replaceChildren(...(workers.length ? workers.map(workerRow) : [el("p", "empty", "No stream worker has reported yet.")]));
}

function workerRow(worker) {
  const silent = worker.age_ms > 30000;
  const age = (ms) => (ms === null ? el("span", "soft", "nothing yet") : figure(span(ms)));
  return el(
    "div",
    "",
    el("p", "", el("b", "", worker.worker), " ", el("span", silent ? "loss" : "gain", silent ? `▲ silent for ${span(worker.age_ms)}` : `✓ reported ${span(worker.age_ms)} ago`)),
    pairs(
      ["Last market event", age(worker.market_stream_age_ms)],
      ["Last account event", age(worker.user_stream_age_ms)],
      ["Windows", worker.window_covered ? el("span", "", "✓ covered") : el("span", "loss", "▲ not covered yet: no entries")],
      ["Frames", figure(rounded(String(worker.frames_in), 0))],
      ["Liquidations", figure(rounded(String(worker.liquidations_in), 0))],
      ["Reconnects", figure(String(worker.reconnects))],
      ["Quarantined, dropped", figure(`${worker.quarantined}, ${worker.dropped}`)],
      ["Loop lag", figure(`${worker.loop_lag_ms} ms`)],
    ),
  );
}

// --- settings ------------------------------------------------------------------------------------------------------

const openStrategies = new Set();

function drawSettings(config) {
  const strategies = config.in_force.strategies;
  show(byId("settings"), JSON.stringify(strategies), () =>
    strategies.length ? strategies.map(strategyBlock) : [el("p", "empty", "No strategy is stored. One is created only by hand: undertow strategy apply FILE.")]);
}

function strategyBlock(strategy) {
  const rows = strategy.symbols.map((symbol) => [
    el("span", "", el("b", "", symbol.symbol), symbol.enabled ? null : el("span", "soft", " off"), symbol.simulate ? el("span", "soft", " simulated") : null),
    `${symbol.direction}, ${symbol.trade_side}`,
    el("span", "", bounds(symbol.long), " / ", bounds(symbol.short), el("span", "unit", `${symbol.volume_unit === "usdt" ? "USDT" : "tokens"} in ${symbol.window_s} s`)),
    el("span", "", amount(symbol.trade_value_margin, "margin"), el("span", "soft", ` × ${symbol.leverage} = `), amount(symbol.trade_value_notional, "notional")),
    el("span", "n", `−${symbol.stop_loss_pct} % (${symbol.stop_loss_roe_pct} % ROE)`),
    el("span", "n", `+${symbol.take_profit_pct} % (${symbol.take_profit_roe_pct} % ROE)`),
  ]);
  const block = el("details", "", el("summary", "", el("b", "", strategy.id), ` on ${strategy.account}, ${strategy.enabled ? "on" : "off"}, ${strategy.symbols.length} symbols, version ${strategy.version}`), el("div", "wide", table(["Symbol", "Trades", "Threshold long / short", "Trade value", "Stop", "Target"], rows)));
  block.open = openStrategies.has(strategy.id);
  block.addEventListener("toggle", () => (block.open ? openStrategies.add(strategy.id) : openStrategies.delete(strategy.id)));
  return block;
}

const bounds = (threshold) => figure(rounded(threshold.lower, 0) + (threshold.upper === null ? "" : ` to ${rounded(threshold.upper, 0)}`));

// --- pause and resume ----------------------------------------------------------------------------------------------

let confirmed = null;

function confirm_(title, text, verb, danger, act) {
  byId("confirm-title").textContent = title;
  byId("confirm-text").textContent = text;
  byId("confirm-complaint").textContent = "";
  byId("confirm-reason").value = "";
  byId("confirm-yes").textContent = verb;
  byId("confirm-yes").className = danger ? "stop" : "";
  confirmed = act;
  byId("confirm").showModal();
}

function confirmPause(account) {
  confirm_(`Pause ${account.id} (${account.mode})?`, `No new entry will be placed on ${account.id}. Open positions keep their stops and targets.`, `Pause ${account.id}`, true, (reason) =>
    ask("pause", { account: account.id, ...(reason && { reason }) }));
}

function confirmResume(account) {
  const caps = `${rounded(account.committed.max_margin, 0)} USDT margin (${rounded(account.committed.max_notional, 0)} USDT notional)`;
  confirm_(`Resume ${account.id} (${account.mode})?`, `Strategies may open positions on ${account.id} again, up to ${caps} in all.`, `Resume ${account.id}`, false, (reason) =>
    ask("resume", { account: account.id, version: account.switch.version, ...(reason && { reason }) }));
}

async function carryOut(event) {
  event.preventDefault();
  const button = byId("confirm-yes");
  button.disabled = true;
  try {
    await confirmed(byId("confirm-reason").value.trim());
    byId("confirm").close();
    await refresh(feeds.account);
  } catch (error) {
    const scope = error instanceof Refused && error.status === 403;
    byId("confirm-complaint").textContent = scope ? "This token may not do that: it lacks the scope." : flawsOf(error);
  } finally {
    button.disabled = false;
  }
}

// --- one trade -----------------------------------------------------------------------------------------------------

function tradeLink(orderId, label) {
  const button = el("button", "link", label);
  button.type = "button";
  button.addEventListener("click", () => openTrade(orderId));
  return button;
}

async function openTrade(orderId) {
  const body = byId("trade-body");
  byId("trade-title").textContent = "Trade";
  body.replaceChildren(el("p", "empty", "loading"));
  byId("trade").showModal();
  try {
    const trade = await ask(`trades/${encodeURIComponent(orderId)}`);
    byId("trade-title").textContent = `${trade.order.symbol} ${trade.order.position_side.toLowerCase()} on ${trade.order.account}`;
    body.replaceChildren(...tradeStory(trade));
  } catch (error) {
    body.replaceChildren(el("p", "complaint", flawsOf(error)));
  }
}

function tradeStory({ order, fills, position, stop, target }) {
  const protective = (name, found) => [name, found ? el("span", "", price(found.trigger_price), " ", el("span", found.confirmed ? "gain" : "soft", `${found.confirmed ? "✓ " : ""}${words(found.state)}`)) : el("span", "soft", "none")];
  const filled = fills.map((fill) => [clock(fill.time_ms), fill.side.toLowerCase(), figure(exact(fill.quantity)), figure(exact(fill.price)), figure(exact(fill.commission), fill.commission_asset), fill.maker ? "maker" : "taker"]);
  return [
    pairs(
      ["Order", el("span", "", words(order.purpose), ", ", words(order.state), order.reason ? `: ${order.reason}` : "")],
      ["Placed", clock(order.created_at_ms)],
      ["Limit", price(order.price)],
      ["Quantity, filled", order.quantity === null ? "whole position" : figure(`${exact(order.quantity)}, ${exact(order.filled_quantity)}`)],
      ["Margin, notional", el("span", "", amount(order.margin, ""), ", ", amount(order.notional))],
      ["Leverage", figure(`${order.leverage}x`)],
      protective("Stop", stop),
      protective("Target", target),
      ["Position", position ? el("span", "", position.closed_at_ms === null ? "open, realised " : "closed, realised ", result(position.realized_pnl)) : el("span", "soft", "none")],
    ),
    filled.length ? el("div", "wide", table(["Time", "Side", "Quantity", "Price", "Fee", "As"], filled)) : el("p", "empty", "Nothing has filled."),
    el("p", "hint", order.client_order_id, order.venue_order_id ? `, at the venue ${order.venue_order_id}` : ""),
  ];
}

// --- start ---------------------------------------------------------------------------------------------------------

byId("unstarted").hidden = true;
byId("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN, byId("token").value.trim());
  byId("token").value = "";
  start();
});
byId("leave").addEventListener("click", () => { stop(); forgetToken(""); });
byId("tape-filters").addEventListener("input", drawTape);
byId("tape-filters").addEventListener("submit", (event) => event.preventDefault());
byId("confirm-form").addEventListener("submit", carryOut);
byId("confirm-no").addEventListener("click", () => byId("confirm").close());
byId("trade-close").addEventListener("click", () => byId("trade").close());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && sessionStorage.getItem(TOKEN)) for (const feed of Object.values(feeds)) refresh(feed);
});
setInterval(drawAges, 500);
takeTokenFromAddress();
if (sessionStorage.getItem(TOKEN)) start();
else forgetToken("");
