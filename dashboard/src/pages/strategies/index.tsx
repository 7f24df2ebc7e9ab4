import { PageTitle } from "../../ui/PageTitle";

export default function StrategiesPage() {
  return <PageTitle>Strategies</PageTitle>;
}
