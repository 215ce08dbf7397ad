// The certified provider with its own pages, on any free port: `node server.mjs <callback>`.
// The first line on standard output is `{"port": …}`.
import { createServer } from 'node:http';

import Provider from 'oidc-provider';

const callback = process.argv[2];
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [
      {
        client_id: 'certified client',
        client_secret: 'certified secret: + & %',
        redirect_uris: [callback],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    cookies: { keys: ['only for a test'] },
    features: { registration: { enabled: true }, revocation: { enabled: true } },
    // Neither of the two is left to the client.
    pkce: { required: () => true },
    rotateRefreshToken: () => true,
    ttl: {
      AccessToken: 3600, AuthorizationCode: 60, Grant: 3600, IdToken: 3600, Interaction: 600,
      RefreshToken: 3600, Session: 3600,
    },
  });
  server.on('request', provider.callback());
  console.log(JSON.stringify({ port }));
});
