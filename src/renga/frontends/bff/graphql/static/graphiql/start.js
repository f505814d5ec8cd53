// Opens GraphiQL on this shop's own endpoint.
const fetcher = GraphiQL.createFetcher({
  url: "/graphql",
  headers: { Accept: "application/graphql-response+json, application/json" },
});
const first = `# Ask the shop. Ctrl-Space completes, Ctrl-Enter asks.
query Products {
  products(first: 5) {
    nodes {
      slug
      title
      price { decimal currency }
      variants { sku availability }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;
ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, { fetcher, defaultQuery: first, defaultEditorToolsVisibility: true }),
);
