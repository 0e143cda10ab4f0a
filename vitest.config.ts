import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{src,fixtures,bench}/**/*.test.ts'],
    testTimeout: 30_000,
  },
})
