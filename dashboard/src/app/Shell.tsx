import { Suspense } from "react";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import { Navigation } from "./Navigation";
import { PAGES } from "./pages";
import { useRoute } from "./route";

/** What stays while the pages change. */
export function Shell() {
  const { page: path } = useRoute();
  const page = PAGES.find((candidate) => candidate.path === path) ?? PAGES[0];
  if (page === undefined) return null;
  const Content = page.component;
  return (
    <div className="flex min-h-dvh flex-col">
      <Navigation current={page.path} />
      <main id="content" className="mx-auto w-full max-w-[120rem] flex-1 p-3">
        <ErrorBoundary key={page.path}>
          <Suspense fallback={<p className="p-4 text-faint">Opening {page.title}…</p>}>
            <Content />
          </Suspense>
        </ErrorBoundary>
      </main>
    </div>
  );
}
