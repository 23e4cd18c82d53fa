// whatsapp-web.js drives a browser that is installed on the machine (CHROMIUM_PATH): puppeteer need not download one of its own.
module.exports = { skipDownload: true };
