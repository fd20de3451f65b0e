import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    // Every asset under a name that holds its hash, none inlined into a page: a page that was loaded before a
    // deployment goes on finding what it names.
    assetsInlineLimit: 0,
    rolldownOptions: { input: ['index.html', 'tides.html', '404.html'] },
  },
});
