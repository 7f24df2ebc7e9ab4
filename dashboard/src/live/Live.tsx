import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { LiveConnection, type Way } from "./connection";
import { pollingTransport } from "./polling";
import { Refresher } from "./refresh";
import { socketTransport } from "./socket";
import { tellEvents, tellStatus } from "./store";
import { streamTransport } from "./stream";

/** A tab that nobody looked at for so long lets go of its connection; a closed one has none. */
const ASLEEP_AFTER_MS = 5 * 60_000;

function waysTo(liveUrl: string | null): readonly Way[] {
  const lower: Way[] = [
    { name: "stream", transport: streamTransport },
    { name: "polling", transport: pollingTransport },
  ];
  return liveUrl === null ? lower : [{ name: "socket", transport: socketTransport(liveUrl) }, ...lower];
}

/** Feeds the page while it is mounted. `seq` is the number of the snapshot that is shown at first. */
export function Live({ liveUrl, seq }: { liveUrl: string | null; seq: number | null }) {
  const client = useQueryClient();
  useEffect(() => {
    const refresher = new Refresher(client);
    const connection = new LiveConnection(waysTo(liveUrl), {
      events: (events) => {
        refresher.take(events);
        tellEvents(events);
      },
      missed: () => refresher.everything(),
      status: tellStatus,
    });
    let bedtime: ReturnType<typeof setTimeout> | undefined;
    let asleep = false;
    const seen = () => {
      clearTimeout(bedtime);
      if (document.hidden) {
        bedtime = setTimeout(() => {
          asleep = true;
          connection.sleep();
        }, ASLEEP_AFTER_MS);
      } else if (asleep) {
        asleep = false;
        connection.wake();
        refresher.everything();
      }
    };
    const online = () => {
      if (!asleep) connection.wake();
    };
    document.addEventListener("visibilitychange", seen);
    window.addEventListener("online", online);
    connection.start(seq);
    return () => {
      clearTimeout(bedtime);
      document.removeEventListener("visibilitychange", seen);
      window.removeEventListener("online", online);
      connection.close();
      refresher.stop();
    };
    // The first snapshot's number is where the feed begins; later ones must not open it anew.
  }, [client, liveUrl]);
  return null;
}
