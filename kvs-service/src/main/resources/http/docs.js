SwaggerUIBundle({
  url: "openapi.yaml",
  dom_id: "#interface",
  tryItOutEnabled: true,
  displayRequestDuration: true,
  supportedSubmitMethods: ["get", "head", "put", "post", "delete"],
  validatorUrl: null,
});
