import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compressed } from './compress.ts'

/** `EASEL_URL`: the server that a development page calls. */
const server = process.env.EASEL_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react(), tailwind(), compressed()],
  resolve: { conditions: ['@easel/source', 'module', 'browser', 'development|production'] },
  server: { proxy: { '/api': { target: server, ws: true } } },
  build: { target: 'es2023', sourcemap: false, reportCompressedSize: true },
})
