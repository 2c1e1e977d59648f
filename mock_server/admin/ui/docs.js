// Swagger UI for the contract and for the admin API.
"use strict";

SwaggerUIBundle({
  ...JSON.parse(document.getElementById("config").textContent),
  dom_id: "#swagger-ui",
  layout: "StandaloneLayout",
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  plugins: [SwaggerUIBundle.plugins.DownloadUrl],
});
