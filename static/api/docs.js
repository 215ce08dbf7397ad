// Shows the API's document with Swagger UI, which comes with the system: nothing leaves this site.
"use strict";

const place = document.getElementById("swagger-ui");

SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  docExpansion: "list",
  // Without it, the document would be sent to a validator elsewhere.
  validatorUrl: null,
});
