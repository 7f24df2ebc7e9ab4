import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveConnection, type Status } from "./connection";
import type { LiveEvent } from "./contract";
import { takeMessages } from "./stream";
import type { Listener, Transport } from "./transport";

const event = (seq: number): LiveEvent => ({ seq, kind: "position", at_ms: 1, account: "main", data: {} });

/** A transport in the hands of the test. */
function held() {
  const opened: { after: number | null; listener: Listener; closed: boolean; resent: number[] }[] = [];
  const transport: Transport = (after, listener) => {
    const line = { after, listener, closed: false, resent: [] as number[] };
    opened.push(line);
    return { close: () => (line.closed = true), resend: (from) => line.resent.push(from) };
  };
  return { opened, transport };
}

function following() {
  const socket = held();
  const polling = held();
  const heard: number[] = [];
  const statuses: Status[] = [];
  let missed = 0;
  const connection = new LiveConnection(
    [
      { name: "socket", transport: socket.transport },
      { name: "polling", transport: polling.transport },
    ],
    {
      events: (events) => heard.push(...events.map((one) => one.seq)),
      missed: () => (missed += 1),
      status: (status) => statuses.push(status),
    },
  );
  return { socket, polling, heard, connection, missed: () => missed, status: () => statuses.at(-1) };
}

describe("the live connection", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("asks for what is missing and goes on when it comes", () => {
    const { socket, connection, heard, missed } = following();
    connection.start(10);
    const line = socket.opened[0]!;
    line.listener.opened(10);
    line.listener.batch(11, 11, [event(11)]);
    line.listener.batch(13, 13, [event(13)]);
    expect(line.resent).toEqual([11]);
    line.listener.batch(12, 13, [event(12), event(13)]);
    vi.advanceTimersByTime(10_000);
    expect(heard).toEqual([11, 12, 13]);
    expect(missed()).toBe(0);
    connection.close();
  });

  it("has everything fetched again when what is missing does not come, or is gone", () => {
    const { socket, connection, missed } = following();
    connection.start(10);
    const line = socket.opened[0]!;
    line.listener.opened(10);
    line.listener.batch(14, 14, [event(14)]);
    vi.advanceTimersByTime(5_000);
    expect(missed()).toBe(1);
    line.listener.reset(20);
    expect(missed()).toBe(2);
    line.listener.batch(21, 21, [event(21)]);
    expect(missed()).toBe(2);
    connection.close();
  });

  it("goes on after the last number when it was cut off", () => {
    const { socket, connection, status } = following();
    connection.start(10);
    socket.opened[0]!.listener.opened(10);
    socket.opened[0]!.listener.batch(11, 12, [event(11), event(12)]);
    socket.opened[0]!.listener.lost("the socket was closed", false);
    expect(status()?.state).toBe("waiting");
    vi.advanceTimersByTime(1_000);
    expect(socket.opened[1]!.after).toBe(12);
    connection.close();
  });

  it("takes the next way where the first is refused, and tries the first again later", () => {
    const { socket, polling, connection, status } = following();
    connection.start(null);
    socket.opened[0]!.listener.lost("not here", true);
    vi.advanceTimersByTime(1_000);
    polling.opened[0]!.listener.opened(5);
    expect(status()).toMatchObject({ state: "live", transport: "polling" });
    vi.advanceTimersByTime(120_000);
    expect(polling.opened[0]!.closed).toBe(true);
    expect(socket.opened).toHaveLength(2);
    connection.close();
  });

  it("stays with a stream that ends each answer in good order", () => {
    const { socket, polling, connection, status } = following();
    connection.start(1);
    for (let number = 0; number < 5; number += 1) {
      const line = socket.opened[number]!;
      line.listener.opened(null);
      line.listener.lost("", false);
      vi.advanceTimersByTime(300);
    }
    expect(socket.opened).toHaveLength(6);
    expect(polling.opened).toHaveLength(0);
    expect(status()?.state).toBe("live");
    connection.close();
  });

  it("lets go when the tab sleeps and hears nothing more", () => {
    const { socket, connection, heard, status } = following();
    connection.start(1);
    socket.opened[0]!.listener.opened(1);
    connection.sleep();
    expect(status()?.state).toBe("asleep");
    socket.opened[0]!.listener.batch(2, 2, [event(2)]);
    expect(heard).toEqual([]);
    connection.wake();
    expect(socket.opened).toHaveLength(2);
    connection.close();
  });
});

describe("server-sent events", () => {
  it("are taken whole, however the text is cut", () => {
    const first = takeMessages("id: 7\ndata: {\"a\":\ndata: 1}\n\nid: 8\nda");
    expect(first.told).toEqual([{ id: "7", event: "message", data: '{"a":\n1}' }]);
    expect(takeMessages(`${first.rest}ta: x\r\n\r\n: comment\n\n`).told).toEqual([{ id: "8", event: "message", data: "x" }]);
  });
});
