// Runs graphql-http's audits against the address of the first argument; writes one JSON object: how many of each result.
import { auditServer } from "graphql-http";

const results = await auditServer({ url: process.argv[2], fetchFn: fetch });
const counts = { total: results.length, ok: 0, other: [] };
for (const result of results) {
  if (result.status === "ok") counts.ok += 1;
  else counts.other.push(`${result.status} ${result.id} ${result.name}: ${result.reason ?? ""}`);
}
console.log(JSON.stringify(counts));
