// Opens the API description of this very server; a file of our own, because the page's policy forbids inline scripts.
window.addEventListener("load", () => {
  SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", deepLinking: true, tryItOutEnabled: true, docExpansion: "list" });
});
