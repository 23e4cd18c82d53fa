// `npm start`: installs and builds what is missing, then starts the service.
process.argv.splice(2, 0, 'src/main');
await import('./run.mjs');
