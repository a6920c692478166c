'use strict';
/** A transport whose answers wait until the test lets them go: so long its requests are under way. */

const { recordingTransport } = require('../../testing.js');

function heldTransport() {
  let letGo;
  const released = new Promise((resolve) => {
    letGo = resolve;
  });
  const record = recordingTransport();
  const transport = async (...request) => released.then(() => record(...request));
  return { transport, letGo };
}

module.exports = { heldTransport };
