import { useQueryClient } from "@tanstack/react-query";
import { Suspense, useEffect, useState } from "react";
import type { Answered } from "../api/client";
import { asProblem } from "../api/problem";
import { useMe, useOverview, useOverviewAhead, type Me, type Overview } from "../api/overview";
import { PATCHING, withNews } from "../api/overviewNews";
import { signOut } from "../api/session";
import { Live } from "../live/Live";
import { useLiveEvents, useLiveStatus } from "../live/store";
import { fetchFonts } from "../theme/fonts";
import { Button } from "../ui/Button";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import { whenIdle } from "../ui/idle";
import { BlockBanner } from "./BlockBanner";
import { Navigation } from "./Navigation";
import { Notes } from "./Notes";
import { PAGES, type Page } from "./pages";
import { useRoute } from "./route";
import { tell } from "./tell";
import { TopBar } from "./TopBar";

/** News come by themselves, prices do not: with open positions, or without news, the page asks oftener. */
const QUIET_MS = 25_000;
const ASKING_MS = 10_000;
const TOLD = ["fill", "alert", "trade_block", "switch", "request"] as const;

function pageAt(path: string): Page | undefined {
  return PAGES.find((candidate) => candidate.path === path) ?? PAGES[0];
}

/** What stays while the pages change. */
export function Shell() {
  const me = useMe();
  useOverviewAhead();
  const { page: path } = useRoute();
  useEffect(() => {
    // One that cannot be fetched is told where it is shown.
    pageAt(path)?.load().catch(() => undefined);
  }, [path]);
  if (me.data !== undefined) return <Desk me={me.data.data} />;
  if (!me.isError) return <p className="p-6 text-faint">Opening the desk…</p>;
  return (
    <main className="mx-auto flex max-w-md flex-col items-start gap-3 p-6" role="alert">
      <h1 className="text-base font-semibold">The desk cannot be opened</h1>
      <p className="text-dim">{asProblem(me.error).message}</p>
      <div className="flex gap-2">
        <Button onClick={() => void me.refetch()}>Try again</Button>
        <Button onClick={() => signOut()}>Use another token</Button>
      </div>
    </main>
  );
}

function Desk({ me }: { me: Me }) {
  const live = useLiveStatus().state === "live";
  const client = useQueryClient();
  const [held, setHeld] = useState(false);
  const overview = useOverview(live && !held ? QUIET_MS : ASKING_MS);
  const holding = (overview.data?.data.positions.length ?? 0) > 0;
  if (holding !== held) setHeld(holding);
  const { page: path } = useRoute();
  const page = pageAt(path);
  useLiveEvents(TOLD, (events) => tell(events, me.principal));
  useLiveEvents(PATCHING, (events) =>
    client.setQueryData<Answered<Overview>>(["overview"], (old) => old && { ...old, data: withNews(old.data, events) }),
  );
  const answered = overview.isSuccess || overview.isError;
  useEffect(() => {
    if (answered) whenIdle(() => void fetchFonts());
  }, [answered]);
  useEffect(() => {
    if (page !== undefined) document.title = `${page.title} · Undertow`;
  }, [page]);
  if (page === undefined) return null;
  const Content = page.component;
  const now = overview.data?.data;
  return (
    <div className="flex min-h-dvh flex-col">
      {answered && <Live liveUrl={me.live_url} seq={now?.seq ?? null} />}
      <div className="sticky top-0 z-30">
        <TopBar me={me} overview={now} />
        {overview.isError && <Unsure words={overview.error.message} has={now !== undefined} />}
        <BlockBanner blocks={now?.blocks ?? []} />
      </div>
      <Navigation current={page.path} />
      <main id="content" tabIndex={-1} className="mx-auto w-full max-w-[120rem] min-w-0 flex-1 p-3 outline-none">
        <ErrorBoundary key={page.path}>
          <Suspense fallback={<p className="p-4 text-faint">Opening {page.title}…</p>}>
            <Content />
          </Suspense>
        </ErrorBoundary>
      </main>
      <Notes />
    </div>
  );
}

/** The figures of the top bar could not be asked again: they may be old. */
function Unsure({ words, has }: { words: string; has: boolean }) {
  return (
    <p role="alert" className="border-b border-danger bg-danger-soft px-3 py-1 text-danger">
      {has ? "The figures above may be old" : "The desk's figures cannot be read"}: {words}
    </p>
  );
}
