import { defineConfig } from 'vitest/config'
import { mamamia } from './src/vitest/main/plugin.ts'

export default defineConfig({
  plugins: [mamamia()],
  test: {
    include: ['{src,fixtures,bench}/**/*.test.ts'],
    testTimeout: 30_000,
  },
})
