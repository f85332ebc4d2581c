import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig, type Plugin } from 'vite';
import type { Server } from 'node:http';
import type { Runtime } from './server/runtime.ts';

/** In development the runtime shares Vite's port: real time and co-writing join its HTTP server. */
function attachRuntime(): Plugin {
  return {
    name: 'encours:attach-runtime',
    apply: 'serve',
    configureServer(vite) {
      const http = vite.httpServer as Server | null;
      http?.once('listening', () => {
        void vite
          .ssrLoadModule('/server/runtime.ts')
          .then(async (module) => {
            const runtime = await (module as { openRuntime: () => Promise<Runtime> }).openRuntime();
            runtime.attach(http, { shared: true });
            const address = http.address();
            await runtime.announce(
              `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 5173}`,
            );
            http.once('close', () => void runtime.close());
          })
          .catch((error: unknown) => vite.config.logger.error(String(error)));
      });
    },
  };
}

export default defineConfig({
  plugins: [tailwindcss(), sveltekit(), attachRuntime()],
  server: { host: '127.0.0.1', port: 3000, strictPort: true },
  ssr: { external: ['lucia', 'mongodb', 'pino', 'socket.io', 'ws', 'yjs', 'y-protocols', 'lib0'] },
});
