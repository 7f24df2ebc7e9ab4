import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { newQueryClient } from "../api/queries";
import { useToken } from "../api/session";
import { Entrance } from "./Entrance";
import { Shell } from "./Shell";

export function App() {
  const [queryClient] = useState(newQueryClient);
  const token = useToken();
  return (
    <QueryClientProvider client={queryClient}>
      {token === null ? <Entrance onEntered={() => queryClient.clear()} /> : <Shell key={token} />}
    </QueryClientProvider>
  );
}
