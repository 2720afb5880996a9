// SPDX-License-Identifier: MIT
// Chromium without a window, without its own calls home.
'use strict';

const { chromium } = require('playwright-core');

const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});

module.exports = { launch };
